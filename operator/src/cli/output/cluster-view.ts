import type { KubeObject } from "../../api/kube-object.ts";
import type { Condition, RealtimeCluster } from "../../api/realtime-cluster.ts";
import { podFailureOf } from "../../reconcile/facts/pod-failure.ts";
import { isReady, isTerminating, podsOf } from "../../reconcile/facts/pods.ts";
import type { GatewayHealth, HandlerFailure, IssuerKeys } from "../../gateways/gateway-health.ts";

/** One pod, as `realtime status` shows it and `-o json` prints it. */
export interface PodView {
  name: string;
  ready: boolean;
  /** The pod's state as text, for example "serving", "draining, 120 left (2s)" or "CrashLoopBackOff". */
  state: string;
  connections?: number;
  restarts: number;
  since?: string;
  node?: string;
}

/** What `realtime status NAME` shows. */
export interface ClusterView {
  name: string;
  namespace: string;
  /** "Ready", the reason why it is not, or "Unknown" before the operator's first pass. */
  phase: string;
  message: string;
  url?: string;
  /** Present when the cluster has as many connections as `spec.limits.maxConnections` allows. */
  full?: { connections: number; maxConnections: number };
  /** Absent when recovery is off, or when no gateway has reported its recovery window. */
  recovery?: { promisedSeconds?: number; heldSeconds?: number };
  /** The conditions that need the user's attention, in the order in which the status lists them. */
  conditions: Pick<Condition, "type" | "status" | "reason" | "message">[];
  /** True while the operator has not yet processed the newest spec. */
  isOutdated: boolean;
  gateways: PodView[];
  redis: PodView[];
}

/**
 * Condition types that `realtime status` shows when the condition is True. It shows all other types when they are not
 * True.
 */
const badWhenTrue: readonly string[] = [
  "Degraded",
  "ConfigurationWarning",
  "ReconciliationPaused",
  "Draining",
  "Rebalancing",
  "Progressing",
];
/** With one of these reasons, a condition only says that the spec does not use its feature, so it is not shown. */
const harmless: readonly string[] = ["Disabled"];

export function clusterView(
  cluster: RealtimeCluster,
  pods: readonly KubeObject[],
  healths: ReadonlyMap<string, GatewayHealth | { problem: string }>,
): ClusterView {
  const { conditions = [], url, recovery, observedGeneration } = cluster.status ?? {};
  const full = fullOf(cluster, healths);
  const shared = withSharedRate(healths, cluster.spec.drain.connectionsPerSecond);
  const ready = conditions.find(({ type }) => type === "Ready");
  return {
    name: cluster.metadata.name,
    namespace: cluster.metadata.namespace,
    phase: ready === undefined ? "Unknown" : ready.status === "True" ? "Ready" : ready.reason,
    message: ready?.message ?? "the cluster has no status yet: check that the operator runs and watches this namespace",
    ...(url === undefined ? {} : { url }),
    ...(full === undefined ? {} : { full }),
    ...(recovery === undefined ? {} : { recovery }),
    conditions: conditions
      .filter(needsAttention)
      .map(({ type, status, reason, message }) => ({ type, status, reason, message })),
    isOutdated: ready !== undefined && observedGeneration !== cluster.metadata.generation,
    gateways: podsOf(pods, "server").map((pod) => podView(pod, shared.get(pod.metadata.name))),
    redis: podsOf(pods, "redis").map((pod) => podView(pod, undefined)),
  };
}

/** Uses the count that the gateways report, because the number of connections in the status is rounded. */
function fullOf({ spec }: RealtimeCluster, healths: Healths): ClusterView["full"] {
  const { maxConnections } = spec.limits;
  const counts = [...healths.values()].map((health) => ("problem" in health ? 0 : (health.cluster?.connections ?? 0)));
  const connections = Math.max(0, ...counts);
  return connections < maxConnections ? undefined : { connections, maxConnections };
}

type Healths = Parameters<typeof clusterView>[2];

/**
 * A gateway's own number of seconds assumes that it drains alone. All draining gateways share the rate equally, so one
 * with fewer connections ends earlier, and the rest then moves faster.
 */
function withSharedRate(healths: Healths, connectionsPerSecond: number): Healths {
  const lefts = [...healths.values()].flatMap((health) =>
    "drain" in health && health.drain?.isDraining === true ? [health.drain.connectionsLeft ?? 0] : [],
  );
  return new Map(
    [...healths].map(([name, health]) => {
      if (!("drain" in health) || health.drain?.isDraining !== true) return [name, health];
      const { connectionsLeft = 0 } = health.drain;
      const before = lefts.reduce((sum, left) => sum + Math.min(left, connectionsLeft), 0);
      const secondsLeft = Math.ceil(before / connectionsPerSecond);
      return [name, { ...health, drain: { ...health.drain, secondsLeft } }];
    }),
  );
}

function needsAttention({ type, status, reason }: Condition): boolean {
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
  const failure = podFailureOf(pod);
  // Remove two parts of the failure text. The table's row already shows the pod's name, and the condition shows the
  // kubectl command.
  if (failure !== undefined) return failure.replace(/^pod \S+: /, "").replace(/: kubectl .*$/, "");
  const terminating = isTerminating(pod) ? "terminating" : undefined;
  if (health === undefined) return terminating ?? (isReady(pod) ? "running" : phase);
  if ("problem" in health) return joined(terminating, health.problem);
  return healthText(health, terminating);
}

function healthText(health: GatewayHealth, terminating: string | undefined): string {
  const { drain, reason, status } = health;
  if (drain?.isDraining === true) return drainText(drain);
  if (reason !== undefined) return joined(terminating, reason);
  const serving = status === "degraded" ? degradedText(health) : (terminating ?? "serving");
  return [serving, ...(health.issuers ?? []).map(issuerText), ...(health.handlers ?? []).map(handlerText)].join("; ");
}

function handlerText({ handler, isAway, reason, detail }: HandlerFailure): string {
  const why = [reason, detail].filter(Boolean).join(", ");
  return `handler ${handler} ${isAway ? "is away" : "fails"}${why === "" ? "" : ` (${why})`}`;
}

function issuerText({ issuer, keys, reason = "unknown" }: IssuerKeys): string {
  return `${keys === "none" ? "no keys" : "only old keys"} of ${issuer} (${reason})`;
}

function drainText({ connectionsLeft = 0, secondsLeft = 0 }: NonNullable<GatewayHealth["drain"]>): string {
  return `draining, ${connectionsLeft} left (${secondsLeft}s)`;
}

function joined(...texts: (string | undefined)[]): string {
  return texts.filter((text) => text !== undefined).join(", ");
}

function degradedText({ bus, cluster }: GatewayHealth): string {
  const why = bus?.reason === undefined ? "" : ` (${bus.reason})`;
  const busText = bus?.phase === "down" ? `bus down${why}` : "bus up";
  const limitsText = cluster?.limits === "share" ? "limits by share" : "limits exact";
  return `serving alone: ${busText}, ${limitsText}`;
}
