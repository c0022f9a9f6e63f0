import { done, type Outcome } from "../engine/outcome.ts";
import { ApiError } from "../kube/errors.ts";
import type { Findings } from "./findings.ts";
import { problemKind } from "./problems.ts";

/** When the cluster's next pass is due. */
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
 * Whether the error comes from a namespace that is being deleted. It accepts no new objects, and its clusters are
 * deleted with it.
 */
export function isOfEndingNamespace(error: Error | undefined): boolean {
  return error?.cause instanceof ApiError && error.cause.causes.some(({ reason }) => reason === "NamespaceTerminating");
}
