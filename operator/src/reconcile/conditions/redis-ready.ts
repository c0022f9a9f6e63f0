import { namesOf } from "../../manifests/shared/names.ts";
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

/** Whether Redis serves the gateways. It depends on what gateways report and, if Redis is managed, on its pods. */
export const redisReady: ConditionFunction = ({ facts }) => {
  const { type } = facts.cluster.spec.redis;
  if (type === "None") return yes("Disabled", "spec.redis.type is None: the only gateway needs no Redis");
  return (type === "Managed" ? ofPods(facts) : undefined) ?? ofReports(facts) ?? good(facts);
};

/** The problem of managed Redis pods. Undefined when there is none. */
function ofPods(facts: Facts): Verdict | undefined {
  const { cluster, pods } = facts;
  const { redis: name } = namesOf(cluster);
  if (childNamed(facts, "StatefulSet", name) === undefined)
    return no("NotFound", `the StatefulSet ${name} does not exist yet`);
  const wanted = cluster.spec.redis.managed?.replicas ?? 1;
  const running = podsOf(pods, "redis").filter((pod) => !isTerminating(pod));
  const ready = running.filter(isReady).length;
  if (ready >= wanted) return undefined;
  const failure = running.map((pod) => podFailureOf(pod) ?? unschedulableReasonOf(pod)).find(Boolean);
  const why = failure ?? (running.length === 0 ? `kubectl describe statefulset ${name} shows why no pod exists` : "");
  const text = `${ready} of ${wanted} Redis pods are ready${why === "" ? "" : `: ${why}`}`;
  return no("NotReady", podsOf(pods, "server").some(isReady) ? `${text}; ${consequence}` : text);
}

/**
 * The problem that gateways report. Undefined when there is none. A gateway's readiness does not show it: a gateway
 * that loses Redis later stays ready, to keep its clients.
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

/** The verdict when Redis answers but refuses writes. */
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
  // A gateway is ready only after it has reached Redis, so a starting gateway is no error. Progressing reports it.
  if (first === undefined || some.every((report) => !report.isReady)) return undefined;
  const stuck = some.find((report) => report.isReady) ?? first;
  return no("PartlyUnreachable", `${some.length} of ${reports.length} gateways cannot reach Redis: ${whyCut(stuck)}`);
}

function whyCut({ pod, bus, inexact }: RedisReport): string {
  return `pod ${pod}: ${bus?.reason ?? inexact?.message ?? `kubectl logs ${pod} shows why`}`;
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
    (first === undefined ? undefined : (podFailureOf(first) ?? `kubectl logs ${first.metadata.name} shows why`));
  return unknown("NotReachedYet", `no gateway has reached your Redis yet${why === undefined ? "" : `: ${why}`}`);
}
