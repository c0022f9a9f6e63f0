import type { Manifest } from "../manifests/shared/child.ts";
import type { Facts } from "./facts/facts.ts";
import type { Removed } from "./drift/apply-over-drift.ts";
import type { Problem } from "./problems.ts";

/** What one look at a cluster came to: the status is computed from it and from nothing else. */
export interface Findings {
  facts: Facts;
  /** Why nothing more was done. */
  problem?: Problem | undefined;
  /** What went wrong and may go well next time. */
  error?: Error | undefined;
  /** Objects that others change back as soon as they are written: they are written ever more rarely. */
  overwritten?: readonly string[] | undefined;
  /** What others had put in the way of a manifest, and was removed. */
  removed?: readonly Removed[] | undefined;
  /** How many objects are not as the spec wants them, and stay so while it is paused. */
  held?: number | undefined;
  /** Wanted objects whose kind is not installed. */
  waiting: readonly Manifest[];
  /** Hash that a gateway answers when the live configuration of this generation is in force. */
  liveHash: string;
}
