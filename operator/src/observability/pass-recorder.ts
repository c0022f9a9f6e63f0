import type { FinishedPass } from "../engine/workers.ts";
import type { Logger } from "../kube/logger.ts";
import type { Metrics } from "./metrics.ts";

/**
 * Counts each pass and logs what has changed. When a cluster is stuck, it logs the reason once, then only a changed
 * reason and the end. It logs every failed pass; there are few, because the queue's backoff delays retries.
 */
export function passRecorder(
  metrics: Pick<Metrics, "reconciles" | "reconcileSeconds" | "queueSeconds">,
  logger: Logger,
): (pass: FinishedPass) => void {
  /** For each stuck cluster, the problem that was logged last, by cluster key. */
  const waiting = new Map<string, string>();
  return ({ key, outcome, tookMs, waitedMs, nextAfterMs }) => {
    metrics.reconciles.inc({ outcome: outcome.type === "gone" ? "done" : outcome.type });
    metrics.reconcileSeconds.observe(tookMs / 1000);
    metrics.queueSeconds.observe(waitedMs / 1000);
    if (outcome.type === "failed")
      return logger.warn(
        { cluster: key, error: outcome.error.message, nextAfterMs: Math.round(nextAfterMs ?? 0) },
        "reconcile pass failed, will retry",
      );
    if (outcome.type === "stuck" && waiting.get(key) !== outcome.message) {
      waiting.set(key, outcome.message);
      return logger.warn(
        { cluster: key, reason: outcome.reason, problem: outcome.message },
        "reconcile pass blocked until something changes",
      );
    }
    if (outcome.type === "gone") waiting.delete(key);
    if (outcome.type !== "stuck" && waiting.delete(key))
      return logger.info({ cluster: key }, "reconcile pass no longer blocked");
    logger.debug({ cluster: key, outcome: outcome.type, tookMs }, "reconcile pass finished");
  };
}
