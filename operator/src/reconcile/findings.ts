import type { Status } from "../api/realtime-cluster.ts";
import type { Manifest } from "../manifests/shared/child.ts";
import type { Facts } from "./facts/facts.ts";
import type { Removed } from "./drift/apply-over-drift.ts";
import type { SpecEdit } from "./changes/spec-edit.ts";
import type { Problem } from "./problems.ts";

/** The result of one pass. The status is computed only from this value. */
export interface Findings {
  facts: Facts;
  /** Why the pass stopped. */
  problem?: Problem | undefined;
  /** An error that may not occur again when the pass is retried. */
  error?: Error | undefined;
  /**
   * Objects that another program changes back after every write. The operator writes them again with growing delays.
   */
  overwritten?: readonly string[] | undefined;
  /** Foreign fields that the operator removed because the API server refused a manifest together with them. */
  removed?: readonly Removed[] | undefined;
  /** The edit of the spec that this pass has found. */
  edit?: SpecEdit | undefined;
  /** How many writes are pending because the cluster is paused. */
  held?: number | undefined;
  /** The rebalance for the status. Undefined when the pass did not get as far as the rebalance. */
  rebalance?: Status["rebalance"];
  /** Manifests that the operator cannot apply because their kind is not installed. */
  waiting: readonly Manifest[];
  /** The hash of the wanted live configuration. A gateway that has applied it reports the same hash. */
  liveHash: string;
}

/** A condition without its times. Programs read `reason`, and people read `message`. */
export interface Verdict {
  status: "True" | "False" | "Unknown";
  reason: string;
  message: string;
}

export type ConditionFunction = (findings: Findings) => Verdict;

export function yes(reason: string, message: string): Verdict {
  return { status: "True", reason, message };
}

export function no(reason: string, message: string): Verdict {
  return { status: "False", reason, message };
}

export function unknown(reason: string, message: string): Verdict {
  return { status: "Unknown", reason, message };
}
