import type { Facts } from "./facts/facts.ts";

/** Why a cluster cannot be brought to what is wanted, as a condition will say it. */
export interface Problem {
  /** One CamelCase word, with a row in docs/conditions.md. */
  reason: ProblemReason;
  /** A sentence that names the field or object, and what to do. */
  message: string;
}

/** Every reason a reconcile stops for. */
export const problemReasons = {
  SecretMissing: "a Secret the spec names does not exist",
  SecretKeyMissing: "a Secret the spec names lacks the key",
  SecretTooShort: "the HS256 key is shorter than 32 bytes",
  SecretWeak: "the HS256 key repeats a few characters or is a well-known default",
  SecretUnreadable: "the operator may not read a Secret the spec names",
  InvalidPodPatch: "spec.podPatch makes a pod template the API server refuses, or takes the gateway out of it",
  Refused: "the API server refuses an object, and would again",
  NameTaken: "an object of a child's name belongs to somebody else",
  WaitingForGarbageCollection: "objects of a deleted cluster of the same name are still being collected",
} as const;
export type ProblemReason = keyof typeof problemReasons;

/** Looks at the facts for one thing that is wrong. */
export type Check = (facts: Facts) => Problem | undefined;
