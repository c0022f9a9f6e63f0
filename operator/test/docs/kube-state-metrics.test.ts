import { expect, test } from "@jest/globals";
import { parse } from "yaml";
import { customResourceDefinition } from "../../src/api/generated/custom-resource-definition.ts";
import type { JsonSchema } from "../../src/api/json-schema.ts";
import { document } from "./documents.ts";

interface Configuration {
  spec: {
    resources: {
      groupVersionKind: object;
      metricNamePrefix: string;
      metrics: {
        name: string;
        each: { gauge: { path: string[]; labelsFromPath?: Record<string, string[]>; valueFrom?: string[] } };
      }[];
    }[];
  };
}

const [resource] = (parse(document("gitops/kube-state-metrics.yaml")) as Configuration).spec.resources;
const schema = customResourceDefinition.spec.versions[0].schema.openAPIV3Schema;

test("the configuration is for RealtimeCluster", () => {
  expect(resource?.groupVersionKind).toEqual({ group: "realtime.dev", version: "v1beta1", kind: "RealtimeCluster" });
});

test.each(resource?.metrics ?? [])("$name reads an existing field", ({ each: { gauge } }) => {
  if (gauge.path[0] === "metadata") return expect(gauge.path).toEqual(["metadata", "generation"]);
  const field = at(schema, gauge.path);
  const item = field?.items ?? field;
  for (const path of [...Object.values(gauge.labelsFromPath ?? {}), gauge.valueFrom ?? []])
    expect(at(item, path)).toBeDefined();
});

test("every series on the GitOps page is produced", () => {
  const made = resource?.metrics.map(({ name }) => `${resource.metricNamePrefix}_${name}`);
  const asked = [...document("gitops/README.md").matchAll(/\brealtime_cluster_\w+/g)].map(([name]) => name);
  expect(asked).not.toEqual([]);
  expect(asked.filter((name) => !made?.includes(name))).toEqual([]);
});

function at(from: JsonSchema | undefined, path: readonly string[]): JsonSchema | undefined {
  return path.reduce<JsonSchema | undefined>((field, name) => field?.properties?.[name], from);
}
