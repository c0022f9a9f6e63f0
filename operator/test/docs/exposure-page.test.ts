import { expect, test } from "@jest/globals";
import { customResourceDefinition } from "../../src/api/generated/custom-resource-definition.ts";
import type { RealtimeCluster } from "../../src/api/realtime-cluster.ts";
import type { JsonSchema } from "../../src/api/json-schema.ts";
import { exposureProfile } from "../../src/manifests/exposure/profiles.ts";
import { asRead } from "../manifests/golden-case.ts";
import { document, rows, section } from "./documents.ts";

const page = document("exposure.md");
const table = new Map(rows(section(page, "Ingress")).map(([controller = "", ...cells]) => [controller, cells]));
const controllers = fieldAt(["spec", "exposure", "ingress", "controller"]).enum as string[];

test("the table lists exactly the supported controllers", () => {
  expect([...table.keys()]).toEqual(controllers);
});

test.each(controllers)("the objects rendered for %s match the table, with and without polling", (controller) => {
  const [onIngress = "", onService = "", withPolling = "", elsewhere = ""] = table.get(controller) ?? [];
  const plain = exposureProfile(cluster(controller, ["websocket"]));
  expect(words(onIngress)).toEqual(namesOf(plain.ingress));
  expect(words(onService)).toEqual(namesOf(plain.service));
  const sticky = exposureProfile(cluster(controller, ["websocket", "polling"]));
  const added = [...namesOf(sticky.ingress), ...namesOf(sticky.service)].filter(
    (name) => ![...namesOf(plain.ingress), ...namesOf(plain.service)].includes(name),
  );
  if (controller !== "Traefik")
    expect(
      withPolling.startsWith("refused")
        ? []
        : words(withPolling.replace(/(, )?on the .*$/, "").replace(/stickiness, within .*/, "")),
    ).toEqual(added);
  else expect(added.every((name) => name.startsWith("service.sticky.cookie"))).toBe(true);
  if (added.length > 0)
    expect(withPolling).toContain(
      namesOf(sticky.ingress).length > namesOf(plain.ingress).length ? "on the Ingress" : "on the Service",
    );
  // When the condition advises a setting that the user must make, the page must name such a setting as well.
  if (sticky.advice !== undefined) expect(elsewhere).not.toBe("nothing");
});

function cluster(controller: string, transports: string[]): RealtimeCluster {
  const exposure = { type: "Ingress", host: "a.example.com", tls: { secretName: "a" }, ingress: { controller } };
  return asRead({
    apiVersion: "realtime.dev/v1beta1",
    kind: "RealtimeCluster",
    metadata: { name: "a", namespace: "b" },
    spec: { transports, exposure },
  } as unknown as RealtimeCluster);
}

/** The names of annotations, without their prefixes. */
function namesOf(annotations: Record<string, string>): string[] {
  return Object.keys(annotations)
    .map((key) => key.slice(key.indexOf("/") + 1))
    .sort();
}

function words(cell: string): string[] {
  return cell.split(", ").filter(Boolean).sort();
}

function fieldAt(path: readonly string[]): JsonSchema {
  return path.reduce<JsonSchema>(
    (schema, name) => schema.properties?.[name] ?? {},
    customResourceDefinition.spec.versions[0].schema.openAPIV3Schema,
  );
}
