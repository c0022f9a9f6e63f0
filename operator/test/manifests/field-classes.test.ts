import { describe, expect, test } from "@jest/globals";
import { customResourceDefinition } from "../../src/api/generated/custom-resource-definition.ts";
import type { JsonSchema } from "../../src/api/json-schema.ts";
import type { RealtimeCluster } from "../../src/api/realtime-cluster.ts";
import { strategicMerge } from "../../src/manifests/shared/strategic-merge.ts";
import { desired } from "../../src/reconcile/desired.ts";
import { fieldEdits } from "./field-edits.ts";
import { asRead, goldenCase, usualInputs } from "./golden-case.ts";

type FieldClass = "live" | "rolling" | "immutable" | "cluster";

const spec = customResourceDefinition.spec.versions[0].schema.openAPIV3Schema.properties?.["spec"] ?? {};
const fields = fieldsOf(spec, "");

test("every field's description starts with its class, and every leaf has an edit in the table", () => {
  for (const [path, schema] of fields)
    expect(`${path}: ${schema.description}`).toMatch(/^\S*: \[(live|rolling|immutable|cluster)\] [A-Z]/);
  const leaves = fields
    .filter(([path]) => !fields.some(([other]) => other.startsWith(`${path}.`) || other.startsWith(`${path}[`)))
    .map(([path]) => path);
  expect(Object.keys(fieldEdits).sort()).toEqual(leaves.sort());
});

describe("an edit changes exactly what the field's class says:", () => {
  test.each(Object.entries(fieldEdits))("%s", (path, { from = {}, to, wantNothing = false }) => {
    const before = effectsOf(clusterWith(from));
    const after = effectsOf(clusterWith(from, to));
    const changed = Object.keys({ ...before, ...after }).filter((what) => before[what] !== after[what]);
    const wanted = /^\[(\w+)\]/.exec(fields.find(([name]) => name === path)?.[1].description ?? "")?.[1] as FieldClass;
    expect(changed.length === 0).toBe(wantNothing);
    expect({ changed, class: classOf(changed) }).toMatchObject(wantNothing ? {} : { class: wanted });
    if (wanted === "live") expect(changed).toEqual(["ConfigMap chat-server"]);
  });
});

/**
 * Each object as text. The pod template and the claim template of a workload are separate entries, so that a test sees
 * which of them has changed.
 */
function effectsOf(cluster: RealtimeCluster): Record<string, string> {
  const effects: Record<string, string> = {};
  const existingClaims = { claimStorage: "1Gi", claimMetadata: {} };
  for (const { kind, metadata, ...body } of desired(cluster, { ...usualInputs, ...existingClaims })) {
    const { template, volumeClaimTemplates, ...rest } = (body["spec"] ?? {}) as Record<string, unknown>;
    if (template !== undefined) effects[`pods of ${kind}`] = JSON.stringify(template);
    if (volumeClaimTemplates !== undefined) effects["claims"] = JSON.stringify(volumeClaimTemplates);
    effects[`${kind} ${metadata.name}`] = JSON.stringify([metadata, { ...body, spec: rest }]);
  }
  return effects;
}

function classOf(changed: readonly string[]): FieldClass {
  if (changed.some((what) => what.startsWith("pods of"))) return "rolling";
  if (changed.includes("claims")) return "immutable";
  return changed.length === 1 && changed[0] === "ConfigMap chat-server" ? "live" : "cluster";
}

function clusterWith(...specs: object[]): RealtimeCluster {
  const { written } = goldenCase("minimal");
  const spec = specs.reduce<unknown>((merged, part) => strategicMerge(merged, part), written.spec);
  return asRead({ ...written, spec: spec as RealtimeCluster["spec"] });
}

function fieldsOf(schema: JsonSchema, path: string): [string, JsonSchema][] {
  return Object.entries(schema.properties ?? {}).flatMap(([name, field]): [string, JsonSchema][] => {
    const here = path === "" ? name : `${path}.${name}`;
    return [[here, field], ...fieldsOf(field, here), ...fieldsOf(field.items ?? {}, `${here}[]`)];
  });
}
