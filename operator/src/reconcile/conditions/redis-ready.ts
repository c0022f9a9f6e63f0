import { namesOf } from "../../manifests/shared/names.ts";
import type { KubeObject } from "../../api/kube-object.ts";
import type { Facts } from "../facts/facts.ts";
import { childNamed } from "../facts/ownership.ts";
import { podFailureOf, unschedulableReasonOf } from "../facts/pod-failure.ts";
import { isReady, isTerminating, podsOf } from "../facts/pods.ts";
import {
  isConnecting,
  isRedisAnswering,
  ledgerReasonOf,
  redisReportsOf,
  remedyOf,
  type RedisReport,
} from "../facts/redis-reports.ts";
import { reportedUnreadinessOf } from "../facts/rollout.ts";
import { no, unknown, yes, type ConditionFunction, type Verdict } from "../findings.ts";

const consequence = "messages do not reach clients of other gateways";

/**
 * Whether Redis serves the gateways, as the gateways report it. If Redis is managed, it also depends on the Redis pods.
 */
export const redisReady: ConditionFunction = ({ facts }) => {
  const { type } = facts.cluster.spec.redis;
  if (type === "None") return yes("Disabled", "spec.redis.type is None: the only gateway needs no Redis");
  return (type === "Managed" ? ofPods(facts) : undefined) ?? ofReports(facts) ?? good(facts);
};

/** Why the pods of a managed Redis are not ready. Undefined when they are. */
function ofPods(facts: Facts): Verdict | undefined {
  const { cluster, pods } = facts;
  const { redis: name } = namesOf(cluster);
  if (childNamed(facts, "StatefulSet", name) === undefined)
    return no("NotFound", `the StatefulSet ${name} does not exist yet`);
  const wanted = cluster.spec.redis.managed?.replicas ?? 1;
  const running = podsOf(pods, "redis").filter((pod) => !isTerminating(pod));
  const ready = running.filter(isReady).length;
  if (ready >= wanted) return undefined;
  const text = `${ready} of ${wanted} Redis pods are ready: ${whyNotReady(facts, running)}`;
  return no("NotReady", podsOf(pods, "server").some(isReady) ? `${text}; ${consequence}` : text);
}

function whyNotReady(facts: Facts, running: readonly KubeObject[]): string {
  const { cluster } = facts;
  const kubectl = `kubectl -n ${cluster.metadata.namespace}`;
  const failure = running.map((pod) => podFailureOf(pod) ?? unschedulableReasonOf(pod)).find(Boolean);
  if (failure !== undefined) return [failure, pendingClaim(facts)].filter(Boolean).join("; ");
  const waiting = running.find((pod) => !isReady(pod));
  return waiting === undefined
    ? `${kubectl} describe statefulset ${namesOf(cluster).redis} shows why a pod is missing, for example a quota or an admission policy`
    : `if it lasts, ${kubectl} describe pod ${waiting.metadata.name} shows the answer of its probe`;
}

/** A claim without a volume keeps its pod pending. Claims outlive a cluster whose dataPolicy is Retain. */
function pendingClaim({ claims, cluster }: Facts): string | undefined {
  const claim = claims.find(({ status }) => (status as { phase?: string } | undefined)?.phase === "Pending");
  if (claim === undefined) return undefined;
  const { storageClassName } = claim["spec"] as { storageClassName?: string };
  const wanted = cluster.spec.redis.managed?.storageClassName;
  const { namespace, name } = claim.metadata;
  const text = `claim ${name} has no volume${storageClassName === undefined ? "" : ` of StorageClass ${storageClassName}`}`;
  if (wanted === undefined || storageClassName === undefined || wanted === storageClassName) return text;
  return `${text}, and the spec names StorageClass ${wanted}: kubectl -n ${namespace} delete pvc ${name} lets the operator create it again, without its data`;
}

/**
 * The problem with Redis that gateways report, or undefined. The readiness of gateway pods does not show it: a gateway
 * that loses Redis stays ready, so that its clients stay connected.
 */
function ofReports(facts: Facts): Verdict | undefined {
  const reports = redisReportsOf(facts);
  const cut = reports.filter(({ bus }) => bus !== undefined);
  const [firstCut] = cut;
  if (firstCut !== undefined && cut.length === reports.length) {
    if (cut.every(({ bus }) => bus?.phase === "never")) return notReachedYet(facts, firstCut);
    return no("Unreachable", `no gateway can reach Redis: ${whyCut(firstCut)}; ${consequence}`);
  }
  return refusal(facts, reports) ?? partly(reports);
}

function notReachedYet(facts: Facts, first: RedisReport): Verdict {
  return unknown("NotReachedYet", `no gateway has reached Redis yet: ${reportedUnreadinessOf(facts) ?? whyCut(first)}`);
}

/** The verdict when gateways report that Redis answers but refuses their writes. Undefined when none reports it. */
function refusal(facts: Facts, reports: readonly RedisReport[]): Verdict | undefined {
  const refused = reports.filter(
    (report) => report.inexact !== undefined && !isConnecting(report) && isRedisAnswering(report.inexact.reason),
  );
  const [first] = refused;
  if (first?.inexact === undefined) return undefined;
  const { reason, message = reason } = first.inexact;
  const who = `${refused.length} of ${reports.length} gateways`;
  const text = `${message}, as ${who} report; gateways enforce only their shares of the limits; ${remedyOf(reason, facts)}`;
  return ledgerReasonOf(reason) === "read-only" ? no("NotPrimary", text) : no("RefusesWrites", text);
}

function partly(reports: readonly RedisReport[]): Verdict | undefined {
  const some = reports.filter(
    (report) => report.bus !== undefined || (report.inexact !== undefined && !isConnecting(report)),
  );
  const [first] = some;
  // A gateway becomes ready only after it has reached Redis. So a starting gateway without Redis is no error. The
  // condition Progressing reports it.
  if (first === undefined || some.every((report) => !report.isReady)) return undefined;
  const stuck = some.find((report) => report.isReady) ?? first;
  return no("PartlyUnreachable", `${some.length} of ${reports.length} gateways cannot reach Redis: ${whyCut(stuck)}`);
}

function whyCut({ pod, bus, inexact }: RedisReport): string {
  return `pod ${pod}: ${bus?.reason ?? inexact?.message ?? "its log shows why"}`;
}

function good(facts: Facts): Verdict {
  const { cluster, pods } = facts;
  if (cluster.spec.redis.type === "Managed") {
    const wanted = cluster.spec.redis.managed?.replicas ?? 1;
    return yes("Ready", wanted === 1 ? "the Redis pod is ready" : `all ${wanted} Redis pods are ready`);
  }
  const gateways = podsOf(pods, "server");
  if (gateways.some(isReady)) return yes("Reached", "a gateway can reach your Redis");
  const [first] = gateways.filter((pod) => !isTerminating(pod));
  const why =
    reportedUnreadinessOf(facts) ??
    (first === undefined
      ? undefined
      : (podFailureOf(first) ?? `kubectl -n ${cluster.metadata.namespace} logs ${first.metadata.name} shows why`));
  return unknown("NotReachedYet", `no gateway has reached your Redis yet${why === undefined ? "" : `: ${why}`}`);
}
