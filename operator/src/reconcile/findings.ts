import type { Status } from "../api/realtime-cluster.ts";
import type { Manifest } from "../manifests/shared/child.ts";
import type { Facts } from "./facts/facts.ts";
import type { Removed } from "./drift/apply-over-drift.ts";
import type { Problem } from "./problems.ts";

/** The result of one pass. The status is computed from this value alone. */
export interface Findings {
  facts: Facts;
  /** Why the pass stopped. */
  problem?: Problem | undefined;
  /** An error that a retry may fix. */
  error?: Error | undefined;
  /** Objects that another program changes back after every write. The operator writes them with growing pauses. */
  overwritten?: readonly string[] | undefined;
  /** Foreign fields that were removed because the API server refused a manifest with them. */
  removed?: readonly Removed[] | undefined;
  /** How many objects differ from the spec while the cluster is paused. */
  held?: number | undefined;
  /** For the status. Undefined: the pass did not look. */
  rebalance?: Status["rebalance"];
  /** Wanted objects whose kind is not installed. */
  waiting: readonly Manifest[];
  /** The hash that a gateway reports when it has applied this live configuration. */
  liveHash: string;
}

/** A condition without its times. Programs read `reason`; the person on call reads `message`. */
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
