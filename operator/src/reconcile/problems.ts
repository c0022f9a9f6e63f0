import type { Manifest } from "../manifests/shared/child.ts";
import type { Facts } from "./facts/facts.ts";

/** Why the operator cannot apply a cluster's spec. A condition shows the reason and the message. */
export interface Problem {
  reason: ProblemReason;
  /** A sentence that names the field or the object, and says what to do. */
  message: string;
}

interface ProblemKind {
  /** The explanation in docs/conditions.md. */
  means: string;
  /**
   * The condition that reports the problem: ConfigurationAccepted if the spec causes it, Degraded if another object
   * does.
   */
  condition: "ConfigurationAccepted" | "Degraded";
  /**
   * Milliseconds until a retry. It is set when no watch reports the change that would solve the problem. Undefined when
   * a watch reports it.
   */
  retryAfterMs?: number;
}

/**
 * When the API server has refused an object, the operator tries again after this time. The cause may be an admission
 * policy, and the operator does not watch these.
 */
const REFUSED_RETRY_AFTER_MS = 600_000;

/** All problems that can stop a pass, by their reason. */
export const problems = {
  SecretMissing: { means: "a Secret that the spec names does not exist", condition: "ConfigurationAccepted" },
  SecretKeyMissing: { means: "a Secret that the spec names lacks the key", condition: "ConfigurationAccepted" },
  SecretTooShort: { means: "the HS256 key is shorter than 32 bytes", condition: "ConfigurationAccepted" },
  SecretWeak: {
    means:
      "an HS256 key of the Secret, which has one key per line, repeats a few characters, is a well-known default or is too short",
    condition: "ConfigurationAccepted",
  },
  SecretUnreadable: {
    means: "the operator has no permission to read a Secret that the spec names",
    condition: "ConfigurationAccepted",
  },
  InvalidPodPatch: {
    means:
      "a pod patch results in a pod template that the API server refuses, removes the container gateway or redis, or adds a container without an image",
    condition: "ConfigurationAccepted",
    retryAfterMs: REFUSED_RETRY_AFTER_MS,
  },
  Refused: {
    means: "the API server refuses an object, and would refuse it again",
    condition: "ConfigurationAccepted",
    retryAfterMs: REFUSED_RETRY_AFTER_MS,
  },
  ImmutableField: {
    means:
      "another program has created an object of the cluster with another value in a field that cannot be changed, and the operator does not delete this object because it has data",
    condition: "Degraded",
    retryAfterMs: REFUSED_RETRY_AFTER_MS,
  },
  NameTaken: { means: "an object with a child's name belongs to another owner", condition: "Degraded" },
  WaitingForGarbageCollection: {
    means: "Kubernetes is still deleting the objects of a deleted cluster of the same name",
    condition: "Degraded",
  },
} as const satisfies Record<string, ProblemKind>;
export type ProblemReason = keyof typeof problems;

/** Whether a Secret that the spec names is the problem. Live fields need no Secret. */
export function isOfSecret({ reason }: Problem): boolean {
  return reason.startsWith("Secret");
}

export function problemKind({ reason }: Problem): ProblemKind {
  return problems[reason];
}

/** Looks for one kind of problem. `manifests` are the objects that the operator would apply. */
export type Check = (facts: Facts, manifests: readonly Manifest[]) => Problem | undefined;
