import type { PodRelease, Workload } from "./pod-release.ts";

/** What manifests need besides the cluster itself: values only, filled in by the caller. */
export interface Inputs {
  /** Which release of the operator the pods are of: their templates' versions, and images for clusters that name none. */
  releases: Readonly<Record<Workload, PodRelease>>;
  /** Drawn at random for a cluster that has no Secret yet; existing ones are never overwritten. Hex, so that URLs may carry them. */
  secrets: { redisPassword: string; adminToken: string };
  /** Number of the live configuration: grows whenever its content changes, and only then. */
  liveGeneration: number;
  /** Hash over the contents of Secrets the cluster names: a changed one rolls the pods. Absent while one cannot be read. */
  secretsHash?: string;
  /** Size in the StatefulSet's claim template as it stands: templates cannot be edited, so claims grow on their own. */
  claimStorage?: string;
  /** Labels and annotations in the existing claim template, which is immutable. */
  claimMetadata?: { labels?: Record<string, string>; annotations?: Record<string, string> };
  /**
   * Replicas to apply while an autoscaler is wanted: its minimum at first, the standing number until it owns the field. Absent
   * once it does. Leaving the field out any sooner would set it to 1.
   */
  replicasUntilHandedOver?: number;
  /** Where the operator runs: it pushes to the private port. */
  operatorNamespace: string;
  /** Which optional kinds the API server has, as "plural.group". */
  installed: ReadonlySet<string>;
  /** Fields of the installed HTTPRoute's rules, by routeRuleFields(): what differs between releases of Gateway API. */
  routeRuleFields: ReadonlySet<string>;
}
