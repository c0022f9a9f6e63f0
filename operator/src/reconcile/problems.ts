import type { Manifest } from "../manifests/shared/child.ts";
import type { Facts } from "./facts/facts.ts";

/** Why a cluster cannot reach the wanted state. Reason and message go into a condition. */
export interface Problem {
  reason: ProblemReason;
  /** A sentence that names the field or object, and what to do. */
  message: string;
}

interface ProblemKind {
  /** The explanation in docs/conditions.md. */
  means: string;
  /** The condition that reports it: ConfigurationAccepted for faults of the spec, Degraded for other objects. */
  condition: "ConfigurationAccepted" | "Degraded";
  /** Milliseconds until a retry, for causes that no watch shows. Undefined: a watch reports the change. */
  retryAfterMs?: number;
}

/** Retry after this time, because no watch shows changes of admission policies. */
const REFUSED_RETRY_AFTER_MS = 600_000;

/** Every reason for which a pass stops. */
export const problems = {
  SecretMissing: { means: "a Secret the spec names does not exist", condition: "ConfigurationAccepted" },
  SecretKeyMissing: { means: "a Secret the spec names lacks the key", condition: "ConfigurationAccepted" },
  SecretTooShort: { means: "the HS256 key is shorter than 32 bytes", condition: "ConfigurationAccepted" },
  SecretWeak: {
    means: "the HS256 key repeats a few characters, is a well-known default, or one of its lines is too short",
    condition: "ConfigurationAccepted",
  },
  SecretUnreadable: { means: "the operator may not read a Secret the spec names", condition: "ConfigurationAccepted" },
  InvalidPodPatch: {
    means:
      "a pod patch results in a pod template that the API server refuses, or removes the container gateway or redis",
    condition: "ConfigurationAccepted",
    retryAfterMs: REFUSED_RETRY_AFTER_MS,
  },
  Refused: {
    means: "the API server refuses an object, and would refuse it again",
    condition: "ConfigurationAccepted",
    retryAfterMs: REFUSED_RETRY_AFTER_MS,
  },
  NameTaken: { means: "an object with a child's name belongs to another owner", condition: "Degraded" },
  WaitingForGarbageCollection: {
    means: "objects of a deleted cluster of the same name are still being collected",
    condition: "Degraded",
  },
} as const satisfies Record<string, ProblemKind>;
export type ProblemReason = keyof typeof problems;

export function problemKind({ reason }: Problem): ProblemKind {
  return problems[reason];
}

/** Checks for one problem. `manifests` are the objects that would be applied. */
export type Check = (facts: Facts, manifests: readonly Manifest[]) => Problem | undefined;
