import { realtimeClusters, type RealtimeCluster } from "../../src/api/realtime-cluster.ts";
import { resources } from "../../src/api/resources.ts";
import { withDefaults } from "../../src/api/with-defaults.ts";
import { labelsOf, type Component } from "../../src/manifests/shared/labels.ts";
import { podFailureOf } from "../../src/reconcile/facts/pod-failure.ts";
import { Stage } from "./transcript.ts";

export interface Fleet {
  /** True: the second gateway is draining. */
  draining?: boolean;
  /** True: the gateways cannot load the keys of a token issuer. */
  keyless?: boolean;
  /** True: one gateway cannot reach Redis, a second one crashes, and a third one does not answer. */
  troubled?: boolean;
  /** True: the pods have an older release than the operator offers. */
  kept?: boolean;
  /** True: no operator has processed the cluster yet. */
  unvisited?: boolean;
}

const metadata = { name: "chat", namespace: "apps" };
export const adminToken = "token-of-chat";

/**
 * A fake Kubernetes API with the cluster "apps/chat", which has two gateways and Redis. Its status is as an operator
 * would have written it.
 */
export async function fleetFixture(fleet: Fleet): Promise<Stage> {
  const stage = new Stage();
  const { kube, pods } = stage;
  const object = {
    apiVersion: "realtime.dev/v1beta1",
    kind: "RealtimeCluster",
    metadata,
    spec: { auth: { jwt: { secret: { name: "chat-jwt" } } } },
  };
  const cluster = (await kube.apply(realtimeClusters, withDefaults(object), {
    fieldManager: "kubectl",
  })) as RealtimeCluster;
  await kube.apply(resources.secrets, {
    apiVersion: "v1",
    kind: "Secret",
    metadata: { name: "chat-auth", namespace: "apps" },
    data: { "admin-token": Buffer.from(adminToken).toString("base64") },
  });
  const answers = (name: string, body: unknown) => pods.running.set(`apps/${name}:9090`, () => ({ status: 200, body }));
  const up = {
    status: "ok",
    bus: { phase: "up" },
    cluster: { limits: "exact" },
    drain: { isDraining: false, connectionsLeft: 0, secondsLeft: 0 },
  };
  await createPod(stage, cluster, "chat-server-a");
  answers("chat-server-a", { ...up, connections: 1203 });
  await createPod(
    stage,
    cluster,
    "chat-server-b",
    fleet.troubled === true
      ? {
          state: { waiting: { reason: "CrashLoopBackOff" } },
          lastState: { terminated: { reason: "Error", exitCode: 2 } },
        }
      : undefined,
  );
  answers(
    "chat-server-b",
    fleet.draining === true
      ? {
          ...up,
          status: "unavailable",
          reason: "draining",
          connections: 40,
          drain: { isDraining: true, connectionsLeft: 40, secondsLeft: 1 },
        }
      : { ...up, connections: 17 },
  );
  if (fleet.keyless === true) {
    const issuer = "https://id.example.com";
    const answered = { ...up, connections: 0 };
    answers("chat-server-a", {
      ...answered,
      issuers: [{ issuer, keys: "none", reason: "fetch failed: getaddrinfo ENOTFOUND id.example.com" }],
    });
    answers("chat-server-b", { ...answered, issuers: [{ issuer, keys: "kept", reason: "the answer was 503" }] });
  }
  await createPod(stage, cluster, "chat-redis-0");
  if (fleet.troubled === true) {
    answers("chat-server-a", {
      ...up,
      status: "degraded",
      bus: { phase: "down", reason: "chat-redis:6379: WRONGPASS invalid username-password pair" },
      cluster: { limits: "share" },
      connections: 1203,
    });
    await createPod(stage, cluster, "chat-server-c");
    pods.running.set("apps/chat-server-c:9090", undefined);
  }
  // The default of the status in the CRD. The fake API server does not fill it in.
  const status =
    fleet.unvisited === true
      ? { observedGeneration: -1 }
      : statusOf(fleet, podFailureOf((await kube.get(resources.pods, "apps", "chat-server-b"))!), cluster);
  await kube.apply(realtimeClusters, { ...object, spec: undefined, status }, { subresource: "status" });
  return stage;
}

/**
 * Creates a pod of the cluster with the status that a kubelet would write. The pod is crashing if its state is
 * "waiting".
 */
async function createPod(
  { kube }: Stage,
  cluster: RealtimeCluster,
  name: string,
  state: Record<string, unknown> = { state: { running: {} } },
): Promise<void> {
  const component: Component = name.startsWith("chat-redis") ? "redis" : "server";
  const isCrashing = "waiting" in (state["state"] as object);
  const status = {
    phase: "Running",
    podIP: "10.1.0.1",
    startTime: "2026-01-01T03:00:00Z",
    conditions: [{ type: "Ready", status: isCrashing ? "False" : "True" }],
    containerStatuses: [
      { name: component === "server" ? "gateway" : "redis", restartCount: isCrashing ? 7 : 0, ...state },
    ],
  };
  await kube.apply(resources.pods, {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name, namespace: "apps", labels: labelsOf(cluster, component) },
    spec: { nodeName: "node-1" },
  });
  await kube.apply(
    resources.pods,
    { apiVersion: "v1", kind: "Pod", metadata: { name, namespace: "apps" }, status },
    { subresource: "status" },
  );
}

function statusOf(
  { troubled = false, draining = false, kept = false }: Fleet,
  crashing = "",
  { metadata: { generation = 1 } }: RealtimeCluster,
): object {
  const conditions = [
    ...(troubled ? troubledConditions(crashing) : healthyConditions),
    ["RedisReady", "True", "Ready", "1 of 1 Redis pods are ready"],
    [
      "AutoscalingActive",
      "False",
      "Disabled",
      "spec.autoscaling is not set: spec.replicas decides the number of gateways",
    ],
    draining
      ? ["Draining", "True", "Draining", "1 gateway is moving its connections to other gateways"]
      : ["Draining", "False", "NotDraining", "no gateway is draining"],
    kept
      ? keptRelease
      : ["UpToDate", "True", "UpToDate", "all pods have the images and pod templates of the operator's release"],
  ];
  const more = { observedGeneration: generation, lastTransitionTime: "2026-01-01T03:00:00Z" };
  return {
    observedGeneration: generation,
    replicas: 2,
    readyReplicas: troubled ? 1 : 2,
    url: "https://chat.example.com",
    connections: { total: 1200, mostLoadedPod: "chat-server-a", leastLoadedPod: "chat-server-b" },
    recovery: { promisedSeconds: 120, heldSeconds: troubled ? 48 : 120 },
    ...(draining ? { drain: { pods: 1, connectionsLeft: 40, secondsLeft: 1 } } : {}),
    conditions: conditions.map(([type, status, reason, message]) => ({ type, status, reason, message, ...more })),
  };
}

/** A condition's type, status, reason and message. */
type ConditionText = readonly [string, string, string, string];

const healthyConditions: readonly ConditionText[] = [
  ["Ready", "True", "Ready", "2 gateways accept connections"],
  ["Progressing", "False", "Stable", "2 gateways are up to date and ready"],
  ["Degraded", "False", "AsExpected", "no problem is known"],
  ["LimitsApplied", "True", "InForce", "about the live fields"],
];

const keptRelease: ConditionText = [
  "UpToDate",
  "False",
  "UpgradePending",
  "gateways still have image gateway:1 instead of gateway:2: set spec.upgrade to Automatic to upgrade",
];

function troubledConditions(crashing: string): readonly ConditionText[] {
  return [
    ["Ready", "False", "GatewaysNotReady", `1 of 2 gateways are ready: ${crashing}`],
    ["Progressing", "True", "Scaling", "1 of 2 gateways are ready"],
    ["Degraded", "True", "PodsFailing", crashing],
    ["LimitsApplied", "False", "Applying", "about the live fields"],
  ];
}
