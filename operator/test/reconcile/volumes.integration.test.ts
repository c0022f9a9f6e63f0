// Enlarges volumes of Redis with a real API server and its controllers for admission, StatefulSets and volumes. No disk
// is resized, because this would need a storage driver and a node.
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import type { KubeObject } from "../../src/api/kube-object.ts";
import { resources } from "../../src/api/resources.ts";
import type { Ground } from "./ground.ts";
import { startWorld, type World } from "./world.ts";

let world: World;
beforeAll(async () => {
  world = await startWorld();
}, 900_000);
afterAll(() => world.stop(), 60_000);

/** A StorageClass that only this namespace uses, with two volumes for claims. */
async function storageClass(ground: Ground, allowVolumeExpansion: boolean): Promise<string> {
  const name = `class-of-${ground.namespace}`;
  const volumes = [0, 1].map((index) => ({
    apiVersion: "v1",
    kind: "PersistentVolume",
    metadata: { name: `${name}-${index}` },
    spec: {
      capacity: { storage: "1Gi" },
      accessModes: ["ReadWriteOnce"],
      storageClassName: name,
      hostPath: { path: "/nowhere" },
    },
  }));
  const made = {
    apiVersion: "storage.k8s.io/v1",
    kind: "StorageClass",
    metadata: { name },
    provisioner: "example.com/none",
    allowVolumeExpansion,
  };
  await world.plane.kubectl(["apply", "-f", "-"], {
    input: JSON.stringify({ apiVersion: "v1", kind: "List", items: [made, ...volumes] }),
  });
  return name;
}

const redisOf = (storageClassName: string, storage: string, replicas = 1) => ({
  redis: { type: "Managed", managed: { storage, storageClassName, replicas } },
});
const sizeOf = (claim: KubeObject) =>
  (claim["spec"] as { resources: { requests: { storage: string } } }).resources.requests.storage;
const isBound = (claim: KubeObject) => (claim["status"] as { phase?: string }).phase === "Bound";
const growthsOf = (requests: readonly string[]) =>
  requests.filter((request) => request.startsWith("patch PersistentVolumeClaim"));
const claim = (ground: Ground, index: number, is: (claim: KubeObject) => boolean) =>
  ground.object(resources.persistentVolumeClaims, `data-chat-redis-${index}`, is);

test("grows the claim once when the StorageClass allows it, recreates nothing, and gives a second Redis the same size", async () => {
  const ground = await world.ground();
  const operator = ground.operator();
  const className = await storageClass(ground, true);
  await ground.apply("chat", redisOf(className, "1Gi"));
  const before = await claim(ground, 0, isBound);
  const pod = await ground.object(resources.pods, "chat-redis-0");
  const statefulSet = await ground.object(resources.statefulSets, "chat-redis");

  await ground.apply("chat", redisOf(className, "2Gi"));
  const grown = await claim(ground, 0, (now) => sizeOf(now) === "2Gi");
  await ground.condition("chat", "ConfigurationWarning", "False NoWarnings");
  await ground.quiet();
  expect(grown.metadata.uid).toBe(before.metadata.uid);
  expect((await ground.object(resources.pods, "chat-redis-0")).metadata.uid).toBe(pod.metadata.uid);
  const { metadata } = await ground.object(resources.statefulSets, "chat-redis");
  expect([metadata.uid, metadata.generation]).toEqual([statefulSet.metadata.uid, statefulSet.metadata.generation]);
  expect(growthsOf(operator.requests)).toEqual(["patch PersistentVolumeClaim data-chat-redis-0"]);

  // The second claim is made from the claim template with the old size, because the template is immutable. Then the
  // operator enlarges it.
  await ground.apply("chat", redisOf(className, "2Gi", 2));
  await claim(ground, 1, (now) => isBound(now) && sizeOf(now) === "2Gi");
}, 120_000);

test("warns and does not retry all the time when the StorageClass forbids it, and grows the claim once it is allowed", async () => {
  const ground = await world.ground();
  const operator = ground.operator();
  const className = await storageClass(ground, false);
  await ground.apply("chat", redisOf(className, "1Gi"));
  const before = await claim(ground, 0, isBound);

  await ground.apply("chat", redisOf(className, "2Gi"));
  const { message } = await ground.condition("chat", "ConfigurationWarning", "True StorageResizeRefused");
  expect(message).toMatch(/^spec\.redis\.managed\.storage 2Gi: the volume could not be resized \(.*resize.*\)$/);
  await ground.apply("chat", { ...redisOf(className, "2Gi"), replicas: 4 });
  await ground.object(
    resources.deployments,
    "chat-server",
    ({ spec }) => (spec as { replicas: number }).replicas === 4,
  );
  await ground.quiet();
  expect(growthsOf(operator.requests)).toHaveLength(1);
  const after = await claim(ground, 0, () => true);
  expect([after.metadata.uid, sizeOf(after)]).toEqual([before.metadata.uid, "1Gi"]);
  await ground.condition("chat", "ConfigurationAccepted", "True");

  await world.plane.kubectl([
    "patch",
    "storageclass",
    className,
    "--type=merge",
    "--patch",
    '{"allowVolumeExpansion":true}',
  ]);
  await operator.stop();
  ground.operator({ identity: "operator-2" }); // a running operator tries again only after minutes, a new one at once
  await claim(ground, 0, (now) => sizeOf(now) === "2Gi");
  await ground.condition("chat", "ConfigurationWarning", "False NoWarnings");
}, 120_000);

test("does not grow a claim before it has a volume", async () => {
  const ground = await world.ground();
  const operator = ground.operator();
  const className = `class-of-${ground.namespace}`;
  await ground.apply("chat", redisOf(className, "1Gi"));
  await claim(ground, 0, (now) => !isBound(now));
  await ground.apply("chat", redisOf(className, "2Gi"));
  await ground.condition("chat", "ConfigurationWarning", "False NoWarnings");
  await ground.quiet();
  expect(growthsOf(operator.requests)).toEqual([]);
  await storageClass(ground, true);
  await claim(ground, 0, (now) => isBound(now) && sizeOf(now) === "2Gi");
}, 120_000);
