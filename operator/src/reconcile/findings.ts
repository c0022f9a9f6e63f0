import type { Manifest } from "../manifests/shared/child.ts";
import type { Facts } from "./facts/facts.ts";
import type { Removed } from "./drift/apply-over-drift.ts";
import type { Problem } from "./problems.ts";

/** The result of one pass: the status is computed from it alone. */
export interface Findings {
  facts: Facts;
  /** Why the pass stopped. */
  problem?: Problem | undefined;
  /** An error that a retry may fix. */
  error?: Error | undefined;
  /** Objects that another program changes back after every write. The operator writes them at growing intervals. */
  overwritten?: readonly string[] | undefined;
  /** Foreign fields that were removed because they blocked a manifest. */
  removed?: readonly Removed[] | undefined;
  /** How many objects differ from the spec while the cluster is paused. */
  held?: number | undefined;
  /** Wanted objects whose kind is not installed. */
  waiting: readonly Manifest[];
  /** The hash that a gateway reports when it has applied this live configuration. */
  liveHash: string;
}
