import type { PodRelease, Workload } from "./pod-release.ts";

/** What manifests need besides the cluster. The caller passes plain values. */
export interface Inputs {
  /** The release of the pods: their template versions, and the images if the cluster names none. */
  releases: Readonly<Record<Workload, PodRelease>>;
  /**
   * Random values for a cluster whose Secret does not have them yet; existing values are never overwritten. They are
   * hex, because they become parts of URLs.
   */
  secrets: { redisPassword: string; adminToken: string; handlerSecret: string };
  /** The number of the live configuration. It increases whenever the content changes. */
  liveGeneration: number;
  /**
   * Hash of the Secrets that the cluster names. When it changes, pods are replaced. Undefined while a Secret cannot be
   * read.
   */
  secretsHash?: string;
  /** Size in the existing claim template, which is immutable. The claims themselves are enlarged separately. */
  claimStorage?: string;
  /** Labels and annotations in the existing claim template, which is immutable. */
  claimMetadata?: { labels?: Record<string, string>; annotations?: Record<string, string> };
  /**
   * The replicas to apply while the cluster has an autoscaler: the autoscaler's minimum for a new cluster, otherwise
   * the current number. Absent once the autoscaler owns the field. Without the value before that, Kubernetes would set
   * 1.
   */
  replicasUntilHandedOver?: number;
  /** The operator's namespace. The operator sends the live configuration to the private port from there. */
  operatorNamespace: string;
  /** Which optional kinds the API server has, as "plural.group". */
  installed: ReadonlySet<string>;
  /**
   * Fields that rules of the installed HTTPRoute can have (see routeRuleFields()). They differ between releases of
   * Gateway API.
   */
  routeRuleFields: ReadonlySet<string>;
}
