import type { KubeObject } from "../api/kube-object.ts";
import { apiVersion, kind, realtimeClusters } from "../api/realtime-cluster.ts";
import { resources } from "../api/resources.ts";
import type { Kube } from "../kube/kube.ts";
import { microTime } from "../kube/micro-time.ts";
import type { Logger } from "../kube/logger.ts";
import type { Removed } from "./drift/apply-over-drift.ts";
import { eventsOf, eventText, specChanged, type EventText } from "./changes/events.ts";
import { logTransitions } from "./changes/transition-log.ts";
import type { Findings } from "./findings.ts";
import { isOfEndingNamespace } from "./outcome-of.ts";
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

export interface Reported {
  /** The cluster as the API server stored it. Undefined when nothing was written. */
  written?: KubeObject;
  /**
   * True when an event was refused because the namespace is being deleted. Its objects then disappear in any order, so
   * a missing Secret, for example, is no problem that a person should solve.
   */
  hasEndingNamespace: boolean;
}

/** Writes the status if it has changed, and then an event and a line in the log for each changed condition. */
export async function report(findings: Findings, ports: ReportDeps): Promise<Reported> {
  const { cluster } = findings.facts;
  const status = statusOf(findings);
  for (const one of findings.removed ?? []) await reportRemoved(findings, one, ports);
  if (isSameStatus(cluster.status, status)) return { hasEndingNamespace: false };
  const { name, namespace, uid } = cluster.metadata;
  // With the uid, the API server refuses the status if the cluster was deleted and created again in the meantime.
  const written = await ports.kube.apply(
    realtimeClusters,
    { apiVersion, kind, metadata: { name, namespace, uid }, status },
    { subresource: "status" },
    ports.signal,
  );
  const events = [
    ...(findings.edit?.fields === undefined ? [] : [specChanged(findings.edit)]),
    ...eventsOf(cluster.status, status).map((condition) => eventText(condition, status)),
  ];
  for (const [index, event] of events.entries()) {
    const refusal = await writeEvent(findings, { ...event, afterMs: index }, ports);
    if (isOfEndingNamespace(refusal)) return { written, hasEndingNamespace: true };
  }
  logTransitions(cluster, status, ports.logger);
  return { written, hasEndingNamespace: false };
}

/** Writes an event about removed fields or objects, so that the user who had set them sees why they are missing. */
async function reportRemoved(
  findings: Findings,
  { object, paths, managers, recreatedBecause }: Removed,
  deps: ReportDeps,
): Promise<void> {
  const { name, namespace } = findings.facts.cluster.metadata;
  const cluster = `${namespace}/${name}`;
  if (recreatedBecause !== undefined) {
    deps.logger.info({ cluster, object, why: recreatedBecause }, "object created again");
    const because = `deleted and created again, because a field that cannot be changed had another value: ${recreatedBecause}`;
    await writeEvent(findings, { isBad: false, reason: "ObjectRecreated", note: `${object}: ${because}` }, deps);
    return;
  }
  deps.logger.info({ cluster, object, paths, managers }, "foreign fields removed");
  const note = `${object}: removed ${paths.join(", ")}, set by ${managers.join(", ")}: edit the RealtimeCluster instead`;
  await writeEvent(findings, { isBad: false, reason: "ForeignFieldsRemoved", note }, deps);
}

/** Writes an event. If that fails, the pass must not fail. Returns the error. */
async function writeEvent(
  { facts: { cluster, nowMs } }: Findings,
  { isBad, reason, note, afterMs = 0 }: EventText,
  { kube, logger, signal, identity, eventName }: ReportDeps,
): Promise<unknown> {
  const { name, namespace, uid, resourceVersion } = cluster.metadata;
  const event = {
    apiVersion: "events.k8s.io/v1",
    kind: "Event",
    metadata: { name: eventName(name), namespace },
    eventTime: microTime(nowMs + afterMs),
    regarding: { apiVersion, kind, name, namespace, uid, resourceVersion },
    reportingController: "realtime.dev/operator",
    reportingInstance: identity,
    action: "Reconcile",
    type: isBad ? "Warning" : "Normal",
    reason: reason.slice(0, 128),
    note: note.slice(0, 1024),
  };
  try {
    await kube.create(resources.events, event, signal);
    return undefined;
  } catch (error) {
    logger.debug({ err: error, cluster: `${namespace}/${name}` }, "event could not be written");
    return error;
  }
}
