import type { Condition, RealtimeCluster, Status } from "../api/realtime-cluster.ts";
import { selectorOf, selectorText } from "../manifests/shared/labels.ts";
import { stableJson } from "../manifests/shared/stable-hash.ts";
import { autoscalingActive } from "./conditions/autoscaling-active.ts";
import { available } from "./conditions/available.ts";
import { configurationAccepted } from "./conditions/configuration-accepted.ts";
import { configurationWarning } from "./conditions/warnings/configuration-warning.ts";
import { degraded } from "./conditions/degraded.ts";
import { draining } from "./conditions/moves/draining.ts";
import { exposureReady } from "./conditions/exposure-ready.ts";
import { handlersReady } from "./conditions/handlers-ready.ts";
import { issuersReady } from "./conditions/issuers-ready.ts";
import { limitsApplied } from "./conditions/limits-applied.ts";
import { limitsExact } from "./conditions/limits-exact.ts";
import { monitoringReady } from "./conditions/monitoring-ready.ts";
import { progressing } from "./conditions/progressing.ts";
import { rebalancing } from "./conditions/moves/rebalancing.ts";
import { ready } from "./conditions/ready.ts";
import { reconciliationPaused } from "./conditions/reconciliation-paused.ts";
import { redisReady } from "./conditions/redis-ready.ts";
import { upToDate } from "./conditions/up-to-date.ts";
import { rolloutOf } from "./facts/rollout.ts";
import type { ConditionFunction, Findings } from "./findings.ts";
import { podReleases, waits } from "./facts/pod-releases.ts";
import { drainOf } from "./facts/drain-summary.ts";
import { connectionsOf, recoveryOf } from "./facts/summaries.ts";

/** All conditions, in the order in which `kubectl describe` shows them. Even the first pass sets all of them. */
export const conditionFunctions = {
  Ready: ready,
  Available: available,
  Progressing: progressing,
  Degraded: degraded,
  ConfigurationAccepted: configurationAccepted,
  ConfigurationWarning: configurationWarning,
  LimitsApplied: limitsApplied,
  LimitsExact: limitsExact,
  IssuersReady: issuersReady,
  HandlersReady: handlersReady,
  RedisReady: redisReady,
  ExposureReady: exposureReady,
  MonitoringReady: monitoringReady,
  AutoscalingActive: autoscalingActive,
  Draining: draining,
  Rebalancing: rebalancing,
  UpToDate: upToDate,
  ReconciliationPaused: reconciliationPaused,
} as const satisfies Record<string, ConditionFunction>;

export type ConditionType = keyof typeof conditionFunctions;

/**
 * Computes the whole status. Unchanged findings give an unchanged status: the time of a condition changes only when the
 * condition's status changes.
 */
export function statusOf(findings: Findings): Status {
  const { facts } = findings;
  const { cluster } = facts;
  const rollout = rolloutOf(facts);
  const { rebalance = cluster.status?.rebalance } = findings;
  return {
    observedGeneration: cluster.metadata.generation ?? 0,
    replicas: rollout?.total ?? 0,
    readyReplicas: rollout?.ready ?? 0,
    selector: selectorText(selectorOf(cluster, "server")),
    ...known({ url: urlOf(cluster), connections: connectionsOf(facts), drain: drainOf(facts) }),
    ...known({ recovery: recoveryOf(facts), rebalance, upgrade: upgradeOf(facts) }),
    conditions: Object.entries(conditionFunctions).map(([type, judge]) => conditionOf(type, judge(findings), findings)),
  };
}

/** Removes the fields that are undefined. */
function known<T extends object>(fields: { [K in keyof T]: T[K] | undefined }): Partial<T> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as Partial<T>;
}

/** Whether two statuses are equal for their readers. Conditions that other controllers have written do not count. */
export function isSameStatus(before: Status | undefined, after: Status): boolean {
  const ours = before?.conditions?.filter(({ type }) => type in conditionFunctions);
  return before !== undefined && stableJson({ ...before, conditions: ours }) === stableJson(after);
}

function conditionOf(
  type: string,
  verdict: Pick<Condition, "status" | "reason" | "message">,
  { facts }: Findings,
): Condition {
  const before = facts.cluster.status?.conditions?.find((condition) => condition.type === type);
  const now = `${new Date(facts.nowMs).toISOString().slice(0, 19)}Z`;
  return {
    type,
    ...verdict,
    message: verdict.message.slice(0, 2048),
    observedGeneration: facts.cluster.metadata.generation ?? 0,
    lastTransitionTime: before?.status === verdict.status ? before.lastTransitionTime : now,
  };
}

/**
 * The images of a pending upgrade, which begins when spec.upgrade allows it. Programs read this field; people read the
 * condition UpToDate.
 */
function upgradeOf(facts: Findings["facts"]): Status["upgrade"] | undefined {
  const { gateway, redis } = podReleases(facts);
  if (!waits(gateway) && !waits(redis)) return undefined;
  return {
    ...(waits(gateway) ? { gatewayImage: gateway.offered.image } : {}),
    ...(waits(redis) ? { redisImage: redis.offered.image } : {}),
  };
}

function urlOf({ spec, metadata }: RealtimeCluster): string | undefined {
  const { type, host, tls } = spec.exposure;
  if (type === "None") return `http://${metadata.name}-server.${metadata.namespace}.svc`;
  // The listener of the Gateway decides whether the route uses TLS. The operator does not read the Gateway, and assumes
  // https.
  return `${type === "Gateway" || tls !== undefined ? "https" : "http"}://${host ?? ""}`;
}
