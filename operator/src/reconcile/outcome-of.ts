import { done, type Outcome } from "../engine/outcome.ts";
import { ApiError } from "../kube/errors.ts";
import type { Findings } from "./findings.ts";
import type { Problem } from "./problems.ts";

/** Admission policies change without a sign that we could see: what was refused is tried again this often. */
const refusedForMs = 600_000;

/** When the cluster is looked at next. */
export function outcomeOf({ problem, error, facts }: Findings, nextAfterMs: number): Outcome {
  if (problem !== undefined)
    return { type: "stuck", ...problem, ...(isRefusal(problem) ? { afterMs: refusedForMs } : {}) };
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
    why: "the gateways are asked for their figures, or a write was put off",
  };
}

function isRefusal({ reason }: Problem): boolean {
  return reason === "Refused" || reason === "InvalidPodPatch";
}

/** Nothing can be made in a namespace that goes; its clusters go with it. */
export function isOfEndingNamespace(error: Error | undefined): boolean {
  return error?.cause instanceof ApiError && error.cause.causes.some(({ reason }) => reason === "NamespaceTerminating");
}
