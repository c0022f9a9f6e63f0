import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import type { KubeObject } from "../../src/api/kube-object.ts";
import { resources, type ChildResource } from "../../src/api/resources.ts";
import type { Ground } from "./ground.ts";
import { startCluster, startWorld, type World } from "./world.ts";

let world: World;
beforeAll(async () => {
  world = await startWorld();
}, 900_000);
afterAll(() => world.stop(), 60_000);

describe("drift", () => {
  let ground: Ground;
  beforeAll(async () => {
    ({ ground } = await startCluster(world));
  }, 120_000);

  const drifted: { resource: ChildResource; name: string; ours: object; theirs: object }[] = [
    {
      resource: resources.configMaps,
      name: "chat-server",
      ours: { data: { "config.json": "{}" } },
      theirs: { data: { more: "x" } },
    },
    {
      resource: resources.configMaps,
      name: "chat-redis",
      ours: { data: { "redis.conf": "" } },
      theirs: { data: { more: "x" } },
    },
    {
      resource: resources.deployments,
      name: "chat-server",
      ours: { spec: { replicas: 9 } },
      theirs: { spec: { minReadySeconds: 1 } },
    },
    {
      resource: resources.statefulSets,
      name: "chat-redis",
      ours: { spec: { replicas: 2 } },
      theirs: { spec: { minReadySeconds: 1 } },
    },
    {
      resource: resources.services,
      name: "chat-server",
      ours: { spec: { selector: { "app.kubernetes.io/instance": "other" } } },
      theirs: { spec: { internalTrafficPolicy: "Local" } },
    },
    {
      resource: resources.services,
      name: "chat-redis",
      ours: { spec: { selector: { "app.kubernetes.io/instance": "other" } } },
      theirs: { spec: { sessionAffinity: "ClientIP" } },
    },
    {
      resource: resources.services,
      name: "chat-redis-nodes",
      ours: { spec: { publishNotReadyAddresses: false } },
      theirs: { spec: { sessionAffinity: "ClientIP" } },
    },
    {
      resource: resources.ingresses,
      name: "chat-server",
      ours: { spec: { rules: null, defaultBackend: { service: { name: "x", port: { number: 1 } } } } },
      theirs: { spec: { ingressClassName: "own" } },
    },
    {
      resource: resources.networkPolicies,
      name: "chat-server",
      ours: { spec: { ingress: null } },
      theirs: { spec: { egress: [{}] } },
    },
    {
      resource: resources.networkPolicies,
      name: "chat-redis",
      ours: { spec: { ingress: null } },
      theirs: { spec: { egress: [{}] } },
    },
    {
      resource: resources.podDisruptionBudgets,
      name: "chat-server",
      ours: { spec: { maxUnavailable: 2 } },
      theirs: { metadata: { labels: { tier: "edge" } } },
    },
    {
      resource: resources.serviceAccounts,
      name: "chat-server",
      ours: { automountServiceAccountToken: true },
      theirs: { imagePullSecrets: [{ name: "x" }] },
    },
  ];

  const specOf = ({ metadata: _metadata, status: _status, ...body }: KubeObject) => body;

  test.each(drifted)(
    "$resource.kind $name: is recreated when deleted, our fields are restored, and fields of others stay",
    async ({ resource, name, ours, theirs }) => {
      const first = await ground.object(resource, name);
      const labels = first.metadata.labels;
      // Write the foreign field before our edit. When the operator has seen the edit, it must have seen the foreign
      // field too.
      await ground.kube.mergePatch(resource, { namespace: ground.namespace, name }, theirs);
      await ground.kube.mergePatch(
        resource,
        { namespace: ground.namespace, name },
        {
          ...ours,
          metadata: { labels: { "app.kubernetes.io/part-of": "x", team: "web" }, annotations: { note: "theirs" } },
        },
      );
      const repaired = await ground.object(
        resource,
        name,
        ({ metadata }) => metadata.labels?.["app.kubernetes.io/part-of"] === "realtime",
      );
      expect(repaired).not.toMatchObject(ours);
      expect(repaired).toMatchObject(theirs);
      expect(repaired.metadata).toMatchObject({
        uid: first.metadata.uid,
        labels: { ...labels, team: "web" },
        annotations: { note: "theirs" },
      });

      await ground.kube.remove(resource, repaired);
      const again = await ground.object(
        resource,
        name,
        ({ metadata }) => metadata.uid !== first.metadata.uid && metadata.deletionTimestamp === undefined,
      );
      expect(Object.keys(specOf(again)).sort()).toEqual(Object.keys(specOf(first)).sort());
    },
    120_000,
  );

  test("finds an object whose labels were removed and does not create it twice", async () => {
    const { metadata } = await ground.object(resources.services, "chat-server");
    await ground.kube.mergePatch(
      resources.services,
      { namespace: ground.namespace, name: "chat-server" },
      {
        metadata: { labels: { "app.kubernetes.io/managed-by": null, "app.kubernetes.io/instance": null } },
      },
    );
    const found = await ground.object(
      resources.services,
      "chat-server",
      (object) => object.metadata.labels?.["app.kubernetes.io/managed-by"] !== undefined,
    );
    expect(found.metadata.uid).toBe(metadata.uid);
  }, 120_000);

  test("does not generate a new password while its Secret exists", async () => {
    const before = await ground.object(resources.secrets, "chat-auth");
    await ground.kube.mergePatch(
      resources.secrets,
      { namespace: ground.namespace, name: "chat-auth" },
      { data: { "admin-token": null } },
    );
    const after = await ground.object(
      resources.secrets,
      "chat-auth",
      (secret) => "admin-token" in (secret["data"] as object),
    );
    const { "admin-token": lost, ...kept } = before["data"] as Record<string, string>;
    expect(after["data"]).toMatchObject(kept);
    expect((after["data"] as Record<string, string>)["admin-token"]).not.toBe(lost);
  }, 120_000);
});

test("restores a Service's port when another manager renames it, and writes an event", async () => {
  const { ground, operator } = await startCluster(world);
  const { namespace } = ground;
  const patch = '[{"op":"replace","path":"/spec/ports/0/port","value":5999}]';
  await world.plane.kubectl(["patch", "service", "chat-server", "-n", namespace, "--type=json", "-p", patch]);
  const portsOf = (service: KubeObject) =>
    (service["spec"] as { ports: { port: number }[] }).ports.map(({ port }) => port);
  await ground.object(resources.services, "chat-server", (service) => portsOf(service).join() === "80,9090");
  await ground.atRest("chat", operator);
  const { items } = await ground.kube.list(resources.events, { namespace });
  expect(items.filter(({ reason }) => reason === "ForeignFieldsRemoved").map(({ type, note }) => [type, note])).toEqual(
    [
      [
        "Normal",
        "Service chat-server: removed spec.ports[port=5999,protocol=TCP], set by kubectl-patch: edit the RealtimeCluster instead",
      ],
    ],
  );
});
