import type { KubeObject } from "../../api/kube-object.ts";
import type { Condition, RealtimeCluster } from "../../api/realtime-cluster.ts";
import { troubleOf } from "../../reconcile/facts/pod-failure.ts";
import { isReady, isTerminating, podsOf } from "../../reconcile/facts/pods.ts";
import type { GatewayHealth } from "../../gateways/gateway-api.ts";

/** One pod as it is shown; also what -o json prints. */
export interface PodView {
  name: string;
  ready: boolean;
  /** In words: "serving", "draining, 120 left (2s)", "CrashLoopBackOff". */
  state: string;
  connections?: number;
  restarts: number;
  since?: string;
  node?: string;
}

/** What a person wants to know of one cluster. */
export interface ClusterView {
  name: string;
  namespace: string;
  /** "Ready" or the reason why not; "Unknown" before the operator's first visit. */
  phase: string;
  message: string;
  url?: string;
  /** Those that ask for attention, worst first. */
  conditions: Pick<Condition, "type" | "status" | "reason" | "message">[];
  /** The operator has not looked at the newest spec yet. */
  isOutdated: boolean;
  gateways: PodView[];
  redis: PodView[];
}

/** Reported here only when they say so: the others are bad when they are not True. */
const badWhenTrue: readonly string[] = [
  "Degraded",
  "ConfigurationWarning",
  "ReconciliationPaused",
  "Draining",
  "Progressing",
];
/** Not wanted is no trouble. */
const harmless: readonly string[] = ["NotWanted", "NotNeeded"];

export function clusterView(
  cluster: RealtimeCluster,
  pods: readonly KubeObject[],
  healths: ReadonlyMap<string, GatewayHealth | { problem: string }>,
): ClusterView {
  const { conditions = [], url, observedGeneration } = cluster.status ?? {};
  const ready = conditions.find(({ type }) => type === "Ready");
  return {
    name: cluster.metadata.name,
    namespace: cluster.metadata.namespace,
    phase: ready === undefined ? "Unknown" : ready.status === "True" ? "Ready" : ready.reason,
    message:
      ready?.message ?? "the operator has not looked at it yet: is one running, and does it watch this namespace?",
    ...(url === undefined ? {} : { url }),
    conditions: conditions
      .filter(wantsAttention)
      .map(({ type, status, reason, message }) => ({ type, status, reason, message })),
    isOutdated: ready !== undefined && observedGeneration !== cluster.metadata.generation,
    gateways: podsOf(pods, "server").map((pod) => podView(pod, healths.get(pod.metadata.name))),
    redis: podsOf(pods, "redis").map((pod) => podView(pod, undefined)),
  };
}

function wantsAttention({ type, status, reason }: Condition): boolean {
  if (type === "Ready" || harmless.includes(reason)) return false;
  return badWhenTrue.includes(type) ? status === "True" : status !== "True";
}

function podView(pod: KubeObject, health: GatewayHealth | { problem: string } | undefined): PodView {
  const {
    containerStatuses = [],
    startTime,
    phase,
  } = (pod["status"] ?? {}) as { containerStatuses?: { restartCount: number }[]; startTime?: string; phase?: string };
  const { nodeName } = (pod["spec"] ?? {}) as { nodeName?: string };
  return {
    name: pod.metadata.name,
    ready: isReady(pod),
    state: stateOf(pod, health, phase),
    ...(health !== undefined && "connections" in health ? { connections: health.connections } : {}),
    restarts: containerStatuses.reduce((sum, { restartCount }) => sum + restartCount, 0),
    ...(startTime === undefined ? {} : { since: startTime }),
    ...(nodeName === undefined ? {} : { node: nodeName }),
  };
}

function stateOf(pod: KubeObject, health: GatewayHealth | { problem: string } | undefined, phase = "Unknown"): string {
  const trouble = troubleOf(pod);
  // Without the pod, which the row names, and without what to do about it, which the condition says.
  if (trouble !== undefined) return trouble.replace(/^pod \S+: /, "").replace(/: kubectl .*$/, "");
  const leaving = isTerminating(pod) ? "terminating" : undefined;
  if (health === undefined) return leaving ?? (isReady(pod) ? "running" : phase);
  if ("problem" in health) return [leaving, health.problem].filter(Boolean).join(", ");
  const { drain, reason, status, bus, cluster } = health;
  if (drain?.isDraining === true) return `draining, ${drain.connectionsLeft ?? 0} left (${drain.secondsLeft ?? 0}s)`;
  if (reason !== undefined) return [leaving, reason].filter(Boolean).join(", ");
  if (status !== "degraded") return leaving ?? "serving";
  return `serving alone: ${bus?.phase === "down" ? "no bus to the others" : "the bus stands"}, limits ${cluster?.limits === "share" ? "by its share" : "exact"}`;
}
