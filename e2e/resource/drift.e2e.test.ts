import { afterAll, beforeAll, expect, test } from "@jest/globals";
import {
  emptyFleet,
  minimalExample,
  startFleet,
  until,
  type Fleet,
  type KubeView,
} from "../../testkit/cluster/fleet.ts";

let fleet: Fleet;
beforeAll(async () => {
  fleet = await startFleet("drift");
}, 240_000);
afterAll(() => fleet.remove());

test("creates a child again when it is deleted by hand", async () => {
  const before = await fleet.get<KubeView>("service", `${fleet.name}-server`);
  await fleet.kubectl(["delete", "service", `${fleet.name}-server`]);
  await until(
    "another Service of the same name",
    async () => (await fleet.get<KubeView>("service", `${fleet.name}-server`)).metadata.uid !== before.metadata.uid,
    20_000,
  );
}, 40_000);

test("reverts an edit by hand and keeps fields of other owners", async () => {
  await fleet.kubectl([
    "patch",
    "deployment",
    `${fleet.name}-server`,
    "--type=merge",
    "--patch",
    JSON.stringify({
      metadata: { annotations: { "example.com/note": "mine" } },
      spec: { minReadySeconds: 77, revisionHistoryLimit: 1 },
    }),
  ]);
  await fleet.kubectl([
    "patch",
    "service",
    `${fleet.name}-server`,
    "--type=merge",
    "--patch",
    JSON.stringify({ spec: { selector: { "app.kubernetes.io/component": "nobody" } } }),
  ]);
  await until(
    "the Service to select gateways again",
    async () => {
      const { spec } = await fleet.get<KubeView>("service", `${fleet.name}-server`);
      return (spec?.["selector"] as Record<string, string>)["app.kubernetes.io/component"] === "server";
    },
    20_000,
  );
  const { metadata } = await fleet.get<KubeView>("deployment", `${fleet.name}-server`);
  expect(metadata.annotations).toMatchObject({ "example.com/note": "mine" });
}, 40_000);

test("keeps a foreign object that has a child's name, and names it in a condition", async () => {
  const other = await emptyFleet("foreign");
  await other.apply({
    apiVersion: "v1",
    kind: "ConfigMap",
    metadata: { name: "foreign-server" },
    data: { mine: "yes" },
  });
  await other.apply(minimalExample(other));
  await until(
    "a condition that names the ConfigMap",
    async () => {
      const conditions = (await other.get<KubeView>("rtc", other.name)).status?.conditions ?? [];
      return conditions.some(
        ({ status, message }) =>
          status !== "Unknown" && message.includes("ConfigMap") && message.includes("foreign-server"),
      );
    },
    30_000,
  );
  const kept = await other.get<KubeView & { data: object }>("configmap", "foreign-server");
  expect(kept.data).toEqual({ mine: "yes" });
  expect(kept.metadata).not.toHaveProperty("ownerReferences");
  expect(await other.condition("Ready")).toMatchObject({ status: "False" });
  await other.kubectl(["delete", "configmap", "foreign-server"]);
  await other.waitReady(); // the cluster is not edited: the change of the foreign object is enough
  await other.remove();
}, 240_000);
