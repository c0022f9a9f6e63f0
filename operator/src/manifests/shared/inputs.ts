import type { PodRelease, Workload } from "./pod-release.ts";

/** What manifests need in addition to the cluster: plain values from the caller. */
export interface Inputs {
  /** The release of the pods: template versions, and images for clusters that name none. */
  releases: Readonly<Record<Workload, PodRelease>>;
  /**
   * Random values for a cluster without a Secret; existing ones are never overwritten. Hex, because they go into URLs.
   */
  secrets: { redisPassword: string; adminToken: string };
  /** Number of the live configuration. It increases when the content changes. */
  liveGeneration: number;
  /**
   * Hash of the Secrets that the cluster names. A change replaces the pods. Undefined while a Secret cannot be read.
   */
  secretsHash?: string;
  /** Size in the existing claim template, which is immutable. Claims are enlarged separately. */
  claimStorage?: string;
  /** Labels and annotations in the existing claim template, which is immutable. */
  claimMetadata?: { labels?: Record<string, string>; annotations?: Record<string, string> };
  /**
   * Replicas to apply while an autoscaler is wanted: its minimum for a new cluster, the current number until the
   * autoscaler owns the field, then absent. Omitting the field earlier would set it to 1.
   */
  replicasUntilHandedOver?: number;
  /** Namespace of the operator, which sends live configuration to the private port. */
  operatorNamespace: string;
  /** Which optional kinds the API server has, as "plural.group". */
  installed: ReadonlySet<string>;
  /**
   * Fields that the installed HTTPRoute supports in its rules (see routeRuleFields()). Releases of Gateway API differ.
   */
  routeRuleFields: ReadonlySet<string>;
}
