// Follows a cluster's objects from creation to deletion, on a real API server with real controllers.
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { until } from "../../../testkit/until.ts";
import type { KubeObject } from "../../src/api/kube-object.ts";
import { realtimeClusters } from "../../src/api/realtime-cluster.ts";
import { resources } from "../../src/api/resources.ts";
import { ApiError } from "../../src/kube/errors.ts";
import { conditionFunctions } from "../../src/reconcile/status-of.ts";
import type { Ground } from "./ground.ts";
import { writes } from "./recorded-requests.ts";
import { CHILDREN, bare, startCluster, startWorld, type World } from "./world.ts";

let world: World;
beforeAll(async () => {
  world = await startWorld();
}, 900_000);
afterAll(() => world.stop(), 60_000);

test("writes every object of a new cluster once, and a first status with every condition", async () => {
  const ground = await world.ground();
  const operator = ground.operator();
  const seen: string[][] = [];
  const stop = new AbortController();
  const { resourceVersion } = await ground.kube.list(realtimeClusters, { namespace: ground.namespace });
  const watching = (async () => {
    for await (const event of ground.kube.watch(
      realtimeClusters,
      { namespace: ground.namespace, resourceVersion, timeoutSeconds: 600 },
      stop.signal,
    )) {
      if (event.type !== "MODIFIED") continue;
      const { conditions } = (event.object["status"] ?? {}) as { conditions?: { type: string }[] };
      seen.push(conditions?.map((one) => one.type) ?? []);
    }
  })();
  await ground.apply("chat");
  await ground.object(resources.ingresses, "chat-server");
  await until("a status", async () => seen.length > 0, 60_000);
  await ground.quiet();
  stop.abort();
  await watching;
  expect(seen[0]).toEqual(Object.keys(conditionFunctions));
  expect(
    Object.keys(await ground.children("chat")).filter((name) => !name.startsWith("PersistentVolumeClaim")),
  ).toEqual(CHILDREN);
  const written = writes(operator.requests, "chat").filter((request) => !request.includes("RealtimeCluster"));
  expect(written.sort()).toEqual(
    [...CHILDREN.map((child) => `${child.startsWith("Secret") ? "create" : "apply"} ${child}`)].sort(),
  );
}, 120_000);

test("sends no request while pods are pending, and a second operator that starts writes nothing", async () => {
  const { ground, operator } = await startCluster(world);
  const before = operator.requests.filter((request) => request.includes(" chat")).length;
  for (let times = 0; times < 5; times++) await ground.quiet();
  expect(operator.requests.filter((request) => request.includes(" chat")).slice(before)).toEqual([]);
  await operator.stop();
  const next = ground.operator({ identity: "operator-2" });
  await until("the next one to lead", async () => next.isLeading(), 60_000);
  await ground.quiet();
  expect(next.requests.filter((request) => request.includes(" chat"))).toEqual([]);
}, 120_000);

test("changes nothing and reports it while paused, and applies the changes when resumed", async () => {
  const { ground, operator } = await startCluster(world);
  await ground.apply("chat", { paused: true });
  await ground.condition("chat", "ReconciliationPaused", "True");
  const before = operator.requests.length;
  await ground.kube.remove(resources.services, await ground.object(resources.services, "chat-server"));
  await ground.apply("chat", { paused: true, replicas: 5 });
  await ground.condition("chat", "ReconciliationPaused", "True");
  expect(writes(operator.requests.slice(before), "chat").filter((request) => !request.includes("status"))).toEqual([]);
  await ground.apply("chat", { replicas: 5 });
  await ground.object(resources.services, "chat-server");
  await ground.object(
    resources.deployments,
    "chat-server",
    (deployment) => (deployment["spec"] as { replicas: number }).replicas === 5,
  );
}, 120_000);

test("keeps a managed Redis and its volume until no gateway uses it any more", async () => {
  const { ground } = await startCluster(world);
  await readied(ground);
  await ground.condition("chat", "Ready", "True");
  const { metadata } = await ground.object(resources.statefulSets, "chat-redis");

  await ground.kube.apply(
    resources.secrets,
    bare(resources.secrets, ground.namespace, "own", {
      data: { url: Buffer.from("redis://nowhere:6379").toString("base64") },
    }),
    { fieldManager: "user" },
  );
  await ground.apply("chat", { redis: { type: "External", external: { urlSecret: { name: "own" } } } });
  // The new Redis cannot be reached. So the first new gateway does not become ready, and the rollout stops.
  await ground.object(resources.deployments, "chat-server", ({ metadata: { generation }, status }) => {
    const { observedGeneration, updatedReplicas } = (status ?? {}) as {
      observedGeneration?: number;
      updatedReplicas?: number;
    };
    return observedGeneration === generation && updatedReplicas === 1;
  });
  await ground.quiet();
  expect((await ground.object(resources.statefulSets, "chat-redis")).metadata).toMatchObject({ uid: metadata.uid });
  expect((await ground.object(resources.statefulSets, "chat-redis")).metadata.deletionTimestamp).toBeUndefined();
  await ground.object(resources.persistentVolumeClaims, "data-chat-redis-0");

  await until(
    "the old Redis to go when all gateways have left it",
    async () => {
      await readied(ground);
      return (await ground.get(resources.statefulSets, "chat-redis")) === undefined;
    },
    120_000,
  );
}, 180_000);

/** Writes a status for every pod, as a kubelet would. */
async function readied(ground: Ground): Promise<void> {
  const { items } = await ground.kube.list(resources.pods, { namespace: ground.namespace });
  const status = { phase: "Running", conditions: [{ type: "Ready", status: "True" }] };
  for (const { metadata } of items) {
    const pod = bare(resources.pods, ground.namespace, metadata.name, { status });
    await ground.kube
      .apply(resources.pods, pod, { subresource: "status", fieldManager: "kubelet" })
      .catch((error: unknown) => {
        if (!(error instanceof ApiError) || error.status !== 404) throw error;
      });
  }
}

test("waits for a missing Secret, and rolls the pods once when its value changes", async () => {
  const ground = await world.ground();
  ground.operator();
  await ground.apply("chat", { auth: { jwt: { secret: { name: "late" } } } });
  await ground.condition("chat", "ConfigurationAccepted", "False SecretMissing");
  await ground.secret("late", "too short");
  await ground.condition("chat", "ConfigurationAccepted", "False SecretTooShort");
  await ground.secret("late", "0123456789abcdef".repeat(2));
  const first = await ground.object(resources.deployments, "chat-server");
  const hashOf = (deployment: KubeObject) =>
    (deployment as KubeObject & { spec: { template: { metadata: { annotations: Record<string, string> } } } }).spec
      .template.metadata.annotations["realtime.dev/secrets"];
  await ground.quiet();
  await ground.secret("late", "fedcba9876543210".repeat(2));
  const second = await ground.object(
    resources.deployments,
    "chat-server",
    (deployment) => hashOf(deployment) !== hashOf(first),
  );
  await ground.quiet();
  expect((await ground.object(resources.deployments, "chat-server")).metadata.generation).toBe(
    second.metadata.generation,
  );
  expect(second.metadata.generation).toBe((first.metadata.generation ?? 0) + 1);
}, 120_000);
