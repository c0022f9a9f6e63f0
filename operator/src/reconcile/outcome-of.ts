import { done, type Outcome } from "../engine/outcome.ts";
import { ApiError } from "../kube/errors.ts";
import type { Findings } from "./findings.ts";
import { isOfSecret, problemKind } from "./problems.ts";

/** How the pass ended, and when the cluster's next pass is due. */
export function outcomeOf({ problem, error, facts }: Findings, nextAfterMs: number): Outcome {
  if (problem !== undefined) {
    // While a Secret is missing or wrong, gateways still get live fields. One that does not answer is asked again.
    const afterMs = isOfSecret(problem) ? nextAfterMs : (problemKind(problem).retryAfterMs ?? Infinity);
    return { type: "stuck", ...problem, ...(afterMs === Infinity ? {} : { afterMs }) };
  }
  if (error !== undefined) {
    const { cause } = error;
    return {
      type: "failed",
      error,
      ...(cause instanceof ApiError && cause.retryAfterMs !== undefined ? { afterMs: cause.retryAfterMs } : {}),
    };
  }
  if (facts.cluster.spec.paused || nextAfterMs === Infinity) return done;
  return {
    type: "again",
    afterMs: nextAfterMs,
    why: "it is time to ask the gateways again, or to try a delayed write",
  };
}

/**
 * Whether the API server refused a write because the cluster's namespace is being deleted. The pass then ends without
 * an error, because the cluster will be deleted too.
 */
export function isOfEndingNamespace(error: unknown): boolean {
  return error instanceof ApiError && error.causes.some(({ reason }) => reason === "NamespaceTerminating");
}
