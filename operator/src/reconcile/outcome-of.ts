import { done, type Outcome } from "../engine/outcome.ts";
import { ApiError } from "../kube/errors.ts";
import type { Findings } from "./findings.ts";

/** When the cluster is looked at next. */
export function outcomeOf({ problem, error, facts }: Findings, nextAfterMs: number): Outcome {
  if (problem !== undefined) return { type: "stuck", ...problem };
  if (error !== undefined) {
    const { cause } = error;
    // Nothing can be made in a namespace that goes; its clusters go with it.
    if (cause instanceof ApiError && cause.causes.some(({ reason }) => reason === "NamespaceTerminating")) return done;
    return { type: "failed", error, ...(cause instanceof ApiError && cause.retryAfterMs !== undefined ? { afterMs: cause.retryAfterMs } : {}) };
  }
  if (facts.cluster.spec.paused || nextAfterMs === Infinity) return done;
  return { type: "again", afterMs: nextAfterMs, why: "the gateways are asked for their figures" };
}
