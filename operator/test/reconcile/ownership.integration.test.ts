import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { until } from "../../../testkit/until.ts";
import type { KubeObject } from "../../src/api/kube-object.ts";
import { realtimeClusters } from "../../src/api/realtime-cluster.ts";
import { resources } from "../../src/api/resources.ts";
import { writes } from "./recorded-requests.ts";
import { CHILDREN, bare, startCluster, startWorld, type World } from "./world.ts";

let world: World;
beforeAll(async () => {
  world = await startWorld();
}, 900_000);
afterAll(() => world.stop(), 60_000);

describe("a foreign object with a child's name", () => {
  test("is not changed, blocks all other objects, and unblocks them when it is deleted", async () => {
    const ground = await world.ground();
    const operator = ground.operator();
    await ground.kube.apply(
      resources.services,
      bare(resources.services, ground.namespace, "chat-server", { spec: { ports: [{ port: 1 }] } }),
      { fieldManager: "rival" },
    );
    await ground.apply("chat");
    expect((await ground.condition("chat", "Degraded", "True NameTaken")).message).toContain(
      "Service chat-server exists and does not belong to this cluster (nobody owns it)",
    );
    expect(writes(operator.requests, "chat").filter((request) => !request.includes("status"))).toEqual([]);
    await ground.kube.remove(resources.services, await ground.object(resources.services, "chat-server"));
    await ground.condition("chat", "Degraded", "False");
    await ground.object(resources.ingresses, "chat-server");
  }, 120_000);

  test("becomes ours when it gets our labels and has no owner", async () => {
    const ground = await world.ground();
    ground.operator();
    await ground.kube.apply(
      resources.configMaps,
      bare(resources.configMaps, ground.namespace, "chat-server", { data: { theirs: "x" } }),
      { fieldManager: "rival" },
    );
    await ground.apply("chat");
    await ground.condition("chat", "Degraded", "True NameTaken");
    const labels = {
      "app.kubernetes.io/managed-by": "realtime-operator",
      "app.kubernetes.io/name": "realtime-gateway",
      "app.kubernetes.io/instance": "chat",
      "app.kubernetes.io/component": "server",
      "app.kubernetes.io/part-of": "realtime",
    };
    const { metadata } = await ground.kube.mergePatch(
      resources.configMaps,
      { namespace: ground.namespace, name: "chat-server" },
      {
        metadata: { labels },
      },
    );
    await ground.condition("chat", "Degraded", "False");
    const taken = await ground.object(
      resources.configMaps,
      "chat-server",
      ({ metadata: { ownerReferences } }) => ownerReferences !== undefined,
    );
    expect(taken).toMatchObject({
      metadata: { uid: metadata.uid },
      data: { theirs: "x", "config.json": expect.any(String) as unknown },
    });
  }, 120_000);

  test("causes no request when it is edited a hundred times", async () => {
    const { ground, operator } = await startCluster(world);
    const before = operator.requests.length;
    for (let edit = 0; edit < 100; edit++)
      await ground.kube.apply(
        resources.configMaps,
        bare(resources.configMaps, ground.namespace, "theirs", { data: { edit: String(edit) } }),
        { fieldManager: "rival" },
      );
    await ground.quiet();
    expect(
      operator.requests.slice(before).filter((request) => request.includes(" chat") || request.includes("theirs")),
    ).toEqual([]);
  }, 120_000);
});

describe("a deleted cluster", () => {
  test("gets new objects when it is recreated at once", async () => {
    const { ground } = await startCluster(world);
    const before = await ground.children("chat");
    await ground.kube.remove(realtimeClusters, await ground.cluster("chat"));
    const { metadata } = await ground.apply("chat");
    const after = await until(
      "new objects",
      async () => {
        const now = await ground.children("chat");
        return CHILDREN.every((child) => now[child] !== undefined && now[child] !== before[child]) && now;
      },
      120_000,
    );
    expect(Object.values(after).filter((uid) => Object.values(before).includes(uid))).toEqual([]);
    const deployment = await ground.object(resources.deployments, "chat-server");
    expect(deployment.metadata.ownerReferences?.[0]?.uid).toBe(metadata.uid);
    await ground.condition("chat", "Degraded", "False");
  }, 120_000);

  test("leaves orphans that the next cluster of that name adopts without recreating one or restarting a pod", async () => {
    const { ground } = await startCluster(world);
    const before = await ground.children("chat");
    const { spec: specBefore } = (await ground.object(resources.deployments, "chat-server")) as KubeObject & {
      spec: { template: unknown };
    };
    await world.plane.kubectl(["delete", "rtc", "chat", "-n", ground.namespace, "--cascade=orphan"]);
    const { metadata } = await ground.apply("chat");
    const deployment = await ground.object(
      resources.deployments,
      "chat-server",
      (object) => object.metadata.ownerReferences?.[0]?.uid === metadata.uid,
    );
    await ground.object(
      resources.ingresses,
      "chat-server",
      (object) => object.metadata.ownerReferences?.[0]?.uid === metadata.uid,
    );
    expect(await ground.children("chat")).toEqual(before);
    expect((deployment as typeof deployment & { spec: { template: unknown } }).spec.template).toEqual(
      specBefore.template,
    );
  }, 120_000);
});
