import type { KubeObject } from "../api/kube-object.ts";
import { apiVersion, kind, realtimeClusters, type Condition, type Status } from "../api/realtime-cluster.ts";
import { resources } from "../api/resources.ts";
import type { Kube } from "../kube/kube.ts";
import { microTime } from "../kube/micro-time.ts";
import type { Logger } from "../kube/logger.ts";
import type { Removed } from "./drift/apply-over-drift.ts";
import type { Findings } from "./findings.ts";
import { isSameStatus, statusOf } from "./status-of.ts";

export interface ReportDeps {
  kube: Kube;
  logger: Logger;
  signal: AbortSignal;
  /** The name of this operator pod, which events give as their reporting instance. */
  identity: string;
  /** Returns a unique name for an event. */
  eventName: (clusterName: string) => string;
}

/**
 * Writes the status if it has changed, and then an event for each changed condition. Returns the cluster as the API
 * server stored it, or undefined when nothing was written.
 */
export async function report(findings: Findings, ports: ReportDeps): Promise<KubeObject | undefined> {
  const { cluster } = findings.facts;
  const status = statusOf(findings);
  for (const one of findings.removed ?? []) await reportRemoved(findings, one, ports);
  if (isSameStatus(cluster.status, status)) return undefined;
  const { name, namespace, uid } = cluster.metadata;
  // With the uid, the API server refuses the status if the cluster was deleted and created again in the meantime.
  const written = await ports.kube.apply(
    realtimeClusters,
    { apiVersion, kind, metadata: { name, namespace, uid }, status },
    { subresource: "status" },
    ports.signal,
  );
  for (const { type, status: value, reason, message } of eventsOf(cluster.status, status)) {
    const isBad = badStatus[type] === value && !passingReasons.has(reason);
    await writeEvent(findings, { isBad, reason, note: `${type}=${value}: ${message}` }, ports);
  }
  return written;
}

/** Writes an event about removed fields, so that the user who had set them sees why they are missing. */
async function reportRemoved(
  findings: Findings,
  { object, paths, managers }: Removed,
  deps: ReportDeps,
): Promise<void> {
  const { name, namespace } = findings.facts.cluster.metadata;
  deps.logger.info({ cluster: `${namespace}/${name}`, object, paths, managers }, "foreign fields removed");
  const note = `${object}: removed ${paths.join(", ")}, set by ${managers.join(", ")}: edit the RealtimeCluster instead`;
  await writeEvent(findings, { isBad: false, reason: "ForeignFieldsRemoved", note }, deps);
}

/**
 * The conditions whose changes are reported by events, each with its bad status. Events for the other conditions would
 * only repeat the same information.
 */
const badStatus: Readonly<Record<string, "True" | "False">> = {
  Ready: "False",
  Degraded: "True",
  ConfigurationAccepted: "False",
  ConfigurationWarning: "True",
  LimitsExact: "False",
  IssuersReady: "False",
  HandlersReady: "False",
  RedisReady: "False",
  UpToDate: "False",
  ReconciliationPaused: "True",
  Rebalancing: "True",
};
/**
 * With these reasons, a bad condition is normal for some time, for example while pods start. Its event has the type
 * Normal. If it lasts too long, Degraded reports it.
 */
const passingReasons: ReadonlySet<string> = new Set([
  "GatewaysNotReady",
  "RedisRollingOut",
  "UpgradePending",
  "MovingConnections",
]);

/**
 * The changed conditions for which an event is written. After the first pass, these are only bad conditions, and never
 * Ready or RedisReady, because a new cluster is never ready yet.
 */
export function eventsOf(before: Status | undefined, after: Status): Condition[] {
  return (after.conditions ?? []).filter(({ type, status }) => {
    const bad = badStatus[type];
    const was = before?.conditions?.find((condition) => condition.type === type)?.status;
    if (bad === undefined || status === was || status === "Unknown") return false;
    // No event when a condition changes from Unknown to its good status, because nothing was wrong before. A change
    // from bad to good has an event.
    if (was === "Unknown" && status !== bad) return false;
    if (was === undefined) return status === bad && type !== "Ready" && type !== "RedisReady";
    return true;
  });
}

/** Writes an event. If this fails, the pass continues, because events are not important enough to stop it. */
async function writeEvent(
  { facts: { cluster, nowMs } }: Findings,
  { isBad, reason, note }: { isBad: boolean; reason: string; note: string },
  { kube, logger, signal, identity, eventName }: ReportDeps,
): Promise<void> {
  const { name, namespace, uid, resourceVersion } = cluster.metadata;
  const event = {
    apiVersion: "events.k8s.io/v1",
    kind: "Event",
    metadata: { name: eventName(name), namespace },
    eventTime: microTime(nowMs),
    regarding: { apiVersion, kind, name, namespace, uid, resourceVersion },
    reportingController: "realtime.dev/operator",
    reportingInstance: identity,
    action: "Reconcile",
    type: isBad ? "Warning" : "Normal",
    reason: reason.slice(0, 128),
    note: note.slice(0, 1024),
  };
  await kube
    .create(resources.events, event, signal)
    .catch((error: unknown) =>
      logger.debug({ err: error, cluster: `${namespace}/${name}` }, "event could not be written"),
    );
}
