// Checks that every object gets the labels and annotations of the spec, with the controllers of a real API server.
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { until } from "../../../testkit/until.ts";
import type { KubeObject } from "../../src/api/kube-object.ts";
import { resources } from "../../src/api/resources.ts";
import { startCluster, startWorld, type World } from "./world.ts";

let world: World;
beforeAll(async () => {
  world = await startWorld();
}, 900_000);
afterAll(() => world.stop(), 60_000);

const kinds = [
  resources.secrets,
  resources.persistentVolumeClaims,
  resources.configMaps,
  resources.services,
  resources.deployments,
  resources.statefulSets,
  resources.serviceAccounts,
  resources.ingresses,
  resources.networkPolicies,
  resources.podDisruptionBudgets,
];
const own = { labels: { team: "web", tier: "one" }, annotations: { "example.com/owner": "web" } };

test("a label and an annotation that leave the spec leave every object, and those of others stay", async () => {
  const { ground } = await startCluster(world, own);
  const objects = async (): Promise<KubeObject[]> => {
    const lists = await Promise.all(
      kinds.map((kind) =>
        ground.kube.list(kind, {
          namespace: ground.namespace,
          labelSelector: "app.kubernetes.io/managed-by=realtime-operator",
        }),
      ),
    );
    return lists.flatMap(({ items }, index) => items.map((item) => ({ ...item, kind: kinds[index]!.kind })));
  };
  const withTeam = async () =>
    (await objects()).filter(
      ({ metadata }) =>
        metadata.labels?.["team"] !== undefined || metadata.annotations?.["example.com/owner"] !== undefined,
    );
  const hasClaim = async () => (await withTeam()).some(({ kind }) => kind === "PersistentVolumeClaim");
  await until("a claim with the label", hasClaim, 60_000);
  expect(new Set((await withTeam()).map(({ kind }) => kind))).toEqual(new Set(kinds.map(({ kind }) => kind)));
  for (const [kind, name] of [
    ["secret", "chat-auth"],
    ["persistentvolumeclaim", "data-chat-redis-0"],
  ] as const)
    await world.plane.kubectl(["-n", ground.namespace, "label", kind, name, "velero.io/kept=yes"]);

  await ground.apply("chat", { labels: { tier: "one" } });
  await until("the label to be gone", async () => (await withTeam()).length === 0, 60_000);
  await ground.quiet();
  const kept = (await objects()).filter(({ metadata }) => metadata.labels?.["velero.io/kept"] === "yes");
  expect(kept.map(({ kind }) => kind).sort()).toEqual(["PersistentVolumeClaim", "Secret"]);
  for (const { metadata } of await objects()) expect(metadata.labels?.["tier"]).toBe("one");

  await ground.apply("chat", {});
  await until(
    "all to be gone",
    async () => (await objects()).every(({ metadata }) => metadata.labels?.["tier"] === undefined),
    60_000,
  );
}, 180_000);
