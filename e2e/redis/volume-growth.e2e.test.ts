import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { connectMany, type Client } from "../../testkit/cluster/clients.ts";
import { emptyFleet, minimalExample, until, type Fleet, type KubeView } from "../../testkit/cluster/fleet.ts";

/** A copy of the default StorageClass that allows volumes to grow. */
const CLASS = "e2e-growing";
let fleet: Fleet;
let clients: Client[];
beforeAll(async () => {
  fleet = await emptyFleet("volume-growth");
  const classes = await fleet.list<KubeView>("storageclasses");
  const own = classes.find(
    ({ metadata }) => metadata.annotations?.["storageclass.kubernetes.io/is-default-class"] === "true",
  );
  if (own === undefined) throw new Error("the cluster has no default StorageClass");
  const { provisioner, parameters, volumeBindingMode } = own;
  await fleet.apply({
    apiVersion: "storage.k8s.io/v1",
    kind: "StorageClass",
    metadata: { name: CLASS },
    provisioner,
    parameters,
    volumeBindingMode,
    allowVolumeExpansion: true,
  });
  await fleet.apply(minimalExample(fleet, redisWith("1Gi")));
  await fleet.waitReady();
  clients = await connectMany(fleet, 6);
}, 270_000);
afterAll(async () => {
  clients.forEach((client) => client.close());
  await fleet.remove();
  await fleet.kubectl(["delete", "storageclass", CLASS]);
});

const redisWith = (storage: string) => ({ redis: { type: "Managed", managed: { storage, storageClassName: CLASS } } });
const redis = async (...command: string[]) =>
  (await fleet.kubectl(["exec", `${fleet.name}-redis-0`, "--", "redis-cli", ...command])).trim();
const pods = async () =>
  (await fleet.list("pods")).map(({ metadata, status }) => [
    metadata.name,
    metadata.uid,
    status?.containerStatuses?.[0]?.restartCount,
  ]);

test("grows Redis' volume without replacing a pod, losing data or disconnecting a client", async () => {
  const before = await pods();
  await redis("set", "kept", "yes");
  await fleet.patch({ spec: redisWith("2Gi") });
  await until(
    "the claim to request more storage",
    async () => {
      const { spec } = await fleet.get<KubeView>("persistentvolumeclaim", `data-${fleet.name}-redis-0`);
      return (spec as { resources: { requests: { storage: string } } }).resources.requests.storage === "2Gi";
    },
    30_000,
  );
  await fleet.waitReady();
  await until(
    "no warning to be left",
    async () => (await fleet.condition("ConfigurationWarning"))?.status === "False",
    60_000,
  );
  expect(await pods()).toEqual(before);
  expect(await redis("get", "kept")).toBe("yes");
  expect(clients.map(({ disconnects }) => disconnects)).toEqual(clients.map(() => []));
}, 120_000);
