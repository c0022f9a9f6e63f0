import { isConnecting, redisReportsOf } from "../../facts/redis-reports.ts";
import type { Warning } from "./warning.ts";

/** Redis carries messages and counts limits, but refuses the log that recovery needs. */
export const recoveryLog: Warning = (facts) => {
  const { cluster, answers, pods } = facts;
  const reports = redisReportsOf(facts);
  const working = new Set(
    reports
      .filter((report) => report.bus === undefined && (report.inexact === undefined || isConnecting(report)))
      .map(({ pod }) => pod),
  );
  // When Redis cannot be reached or refuses all writes, RedisReady says so.
  const refused = pods.flatMap(({ metadata }) => {
    const { reason } = answers.get(metadata.uid ?? "")?.recovery ?? {};
    return reason !== undefined && working.has(metadata.name) ? [reason] : [];
  });
  const [first] = refused;
  if (first === undefined) return undefined;
  const remedy =
    cluster.spec.redis.type === "External"
      ? "give the user of the URL the commands and keys that docs/server.md lists, or set spec.recovery.windowSeconds to 0"
      : "read the log of the Redis pod";
  return {
    reason: "RecoveryUnavailable",
    message: `${refused.length} of ${reports.length} gateways cannot keep messages for clients that reconnect (${first}): these clients begin again and miss what was sent in the meantime; ${remedy}`,
  };
};
