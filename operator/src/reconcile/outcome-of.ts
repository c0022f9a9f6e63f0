import { done, type Outcome } from "../engine/outcome.ts";
import { ApiError } from "../kube/errors.ts";
import type { Findings } from "./findings.ts";
import { problemKind } from "./problems.ts";

/** How the pass ended, and when the cluster's next pass is due. */
export function outcomeOf({ problem, error, facts }: Findings, nextAfterMs: number): Outcome {
  if (problem !== undefined) {
    const { retryAfterMs } = problemKind(problem);
    return { type: "stuck", ...problem, ...(retryAfterMs === undefined ? {} : { afterMs: retryAfterMs }) };
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
