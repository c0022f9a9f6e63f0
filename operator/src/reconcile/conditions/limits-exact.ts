import type { Facts } from "../facts/facts.ts";
import { isConnecting, ledgerReasonOf, redisReportsOf, remedyOf, type RedisReport } from "../facts/redis-reports.ts";
import { no, unknown, yes, type ConditionFunction, type Verdict } from "../findings.ts";

/**
 * Whether all limits are exact for the whole cluster. When False, some gateways cannot count in Redis, and each of them
 * enforces only its own part of the limits.
 */
export const limitsExact: ConditionFunction = ({ facts }) => {
  if (facts.cluster.spec.redis.type === "None")
    return yes("Disabled", "spec.redis.type is None: the only gateway counts the limits in its own memory");
  const reports = redisReportsOf(facts);
  if (reports.length === 0) return unknown("NotReported", "no gateway has reported on its limits yet");
  const sharing = reports.filter((report) => report.inexact !== undefined && !isConnecting(report));
  const [first] = sharing;
  if (first === undefined && reports.some(isConnecting))
    return unknown(
      "Connecting",
      "a gateway is still connecting to Redis and enforces only its share of the limits until then",
    );
  if (first?.inexact === undefined) return yes("Exact", "limits are exact for the whole cluster");
  return inexactVerdict(first.inexact.reason, messageOf(sharing, first.inexact, reports.length, facts));
};

function messageOf(
  sharing: readonly RedisReport[],
  { reason, message = reason, limits }: NonNullable<RedisReport["inexact"]>,
  asked: number,
  facts: Facts,
): string {
  const gateways = asked === 1 ? "the only gateway" : `${sharing.length} of ${asked} gateways`;
  const shared = limits.length === 0 ? "the limits" : limits.join(", ");
  return `${gateways} can grant only a share of ${shared}: ${message}; clients can be refused before the limit is reached; ${remedyOf(reason, facts)}`;
}

function inexactVerdict(reason: string, message: string): Verdict {
  switch (ledgerReasonOf(reason)) {
    case "unreachable":
    case "timeout":
      return no("RedisUnreachable", message);
    case "out-of-memory":
      return no("RedisOutOfMemory", message);
    case "disk-error":
      return no("RedisDiskError", message);
    case "no-permission":
      return no("RedisNoPermission", message);
    case "too-few-replicas":
      return no("RedisTooFewReplicas", message);
    case "read-only":
      return no("RedisNotPrimary", message);
    case "error":
      return no("RedisError", message);
  }
}
