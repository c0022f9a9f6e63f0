// What becomes of a cluster's objects, on a real API server with real controllers.
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { until } from "../../../testkit/until.ts";
import type { KubeObject } from "../../src/api/kube-object.ts";
import { realtimeClusters } from "../../src/api/realtime-cluster.ts";
import { resources, type ChildResource } from "../../src/api/resources.ts";
import { ApiError } from "../../src/kube/errors.ts";
import { conditionFunctions } from "../../src/reconcile/status-of.ts";
import type { Ground, Running } from "./ground.ts";
import { writes } from "./recorded-requests.ts";
import { bare, startWorld, type World } from "./world.ts";

const children = [
  "ConfigMap chat-redis",
  "ConfigMap chat-server",
  "Deployment chat-server",
  "Ingress chat-server",
  "NetworkPolicy chat-redis",
  "NetworkPolicy chat-server",
  "PodDisruptionBudget chat-server",
  "Secret chat-auth",
  "Service chat-redis",
  "Service chat-redis-nodes",
  "Service chat-server",
  "ServiceAccount chat-server",
  "StatefulSet chat-redis",
];

let world: World;
beforeAll(async () => {
  world = await startWorld();
}, 900_000);
afterAll(() => world.stop(), 60_000);

/** A cluster of whom everything was made, and its operator. */
async function made(spec: object = {}): Promise<{ ground: Ground; operator: Running }> {
  const ground = await world.ground();
  const operator = ground.operator();
  await ground.apply("chat", spec);
  await ground.condition("chat", "ConfigurationAccepted", "True");
  await ground.object(resources.ingresses, "chat-server");
  await ground.atRest("chat", operator);
  return { ground, operator };
}

test("a new cluster gets every object by one write each, and a status whose first version has every condition", async () => {
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
  ).toEqual(children);
  const written = writes(operator.requests, "chat").filter((request) => !request.includes("RealtimeCluster"));
  expect(written.sort()).toEqual(
    [...children.map((child) => `${child.startsWith("Secret") ? "create" : "apply"} ${child}`)].sort(),
  );
}, 120_000);

test("while its pods are pending nothing is asked or written, and another operator that starts writes nothing either", async () => {
  const { ground, operator } = await made();
  const before = operator.requests.filter((request) => request.includes(" chat")).length;
  for (let times = 0; times < 5; times++) await ground.quiet();
  expect(operator.requests.filter((request) => request.includes(" chat")).slice(before)).toEqual([]);
  await operator.stop();
  const next = ground.operator({ identity: "operator-2" });
  await until("the next one to lead", async () => next.isLeading(), 60_000);
  await ground.quiet();
  expect(next.requests.filter((request) => request.includes(" chat"))).toEqual([]);
}, 120_000);

describe("drift", () => {
  let ground: Ground;
  beforeAll(async () => {
    ({ ground } = await made());
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
    "$resource.kind $name: deleted, it comes back; an edit of ours is undone; what others add stays",
    async ({ resource, name, ours, theirs }) => {
      const first = await ground.object(resource, name);
      const labels = first.metadata.labels;
      // Theirs first: whoever has seen the edit of ours has seen it too.
      await ground.kube.mergePatch(resource, { namespace: ground.namespace, name }, theirs);
      await ground.kube.mergePatch(
        resource,
        { namespace: ground.namespace, name },
        {
          ...ours,
          metadata: { labels: { "app.kubernetes.io/part-of": "x", team: "web" }, annotations: { note: "theirs" } },
        },
      );
      const mended = await ground.object(
        resource,
        name,
        ({ metadata }) => metadata.labels?.["app.kubernetes.io/part-of"] === "realtime",
      );
      expect(mended).not.toMatchObject(ours);
      expect(mended).toMatchObject(theirs);
      expect(mended.metadata).toMatchObject({
        uid: first.metadata.uid,
        labels: { ...labels, team: "web" },
        annotations: { note: "theirs" },
      });

      await ground.kube.remove(resource, mended);
      const again = await ground.object(
        resource,
        name,
        ({ metadata }) => metadata.uid !== first.metadata.uid && metadata.deletionTimestamp === undefined,
      );
      expect(Object.keys(specOf(again)).sort()).toEqual(Object.keys(specOf(first)).sort());
    },
    120_000,
  );

  test("an object whose labels were taken off is found again and not made anew", async () => {
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

  test("the password is never drawn anew while its Secret stands", async () => {
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

describe("an object that is somebody else's", () => {
  test("is not touched, nothing else is made beside it, and its end is all it takes", async () => {
    const ground = await world.ground();
    const operator = ground.operator();
    await ground.kube.apply(
      resources.services,
      bare(resources.services, ground.namespace, "chat-server", { spec: { ports: [{ port: 1 }] } }),
      { fieldManager: "rival" },
    );
    await ground.apply("chat");
    expect((await ground.condition("chat", "Degraded", "True NameTaken")).message).toContain(
      "Service chat-server exists and is not this cluster's (nobody owns it)",
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

  test("and is edited a hundred times costs nothing", async () => {
    const { ground, operator } = await made();
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

describe("deleted", () => {
  test("and made again at once under the same name, it gets objects of its own", async () => {
    const { ground } = await made();
    const before = await ground.children("chat");
    await ground.kube.remove(realtimeClusters, await ground.cluster("chat"));
    const { metadata } = await ground.apply("chat");
    const after = await until(
      "new objects",
      async () => {
        const now = await ground.children("chat");
        return children.every((child) => now[child] !== undefined && now[child] !== before[child]) && now;
      },
      120_000,
    );
    expect(Object.values(after).filter((uid) => Object.values(before).includes(uid))).toEqual([]);
    const deployment = await ground.object(resources.deployments, "chat-server");
    expect(deployment.metadata.ownerReferences?.[0]?.uid).toBe(metadata.uid);
    await ground.condition("chat", "Degraded", "False");
  }, 120_000);

  test("its children left behind on purpose, they are taken up by the next one: not one is made anew, and no pod restarts", async () => {
    const { ground } = await made();
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

test("paused, it changes nothing and says so; resumed, it catches up", async () => {
  const { ground, operator } = await made();
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

test("a Redis of ours stays with its volume until no gateway uses it any more: one that is to come instead may be out of reach", async () => {
  const { ground } = await made();
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
  // The pod that is to reach it does not become ready: the rollout stands still.
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

/** Says of every pod what a kubelet would. */
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

test("a Secret that is missing is waited for; a new value of it rolls the pods once", async () => {
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
