import type { PodRelease, Workload } from "./pod-release.ts";

/** Everything that manifests depend on, besides the cluster itself. All are plain values. */
export interface Inputs {
  /**
   * The release of the gateway pods and of the Redis pods. Each has a template version, and the image for a cluster
   * whose spec names none.
   */
  releases: Readonly<Record<Workload, PodRelease>>;
  /**
   * Random values for a cluster whose Secret does not have them yet. They never replace existing values. They are hex,
   * because they become parts of URLs.
   */
  secrets: { redisPassword: string; adminToken: string; publishToken: string; handlerSecret: string };
  /**
   * The generation number of the live configuration. It increases whenever the content of the live configuration
   * changes.
   */
  liveGeneration: number;
  /**
   * Hash of the Secrets that the spec names. When it changes, the pods are replaced. Undefined while one of the Secrets
   * cannot be read.
   */
  secretsHash?: string;
  /**
   * The size in the existing claim template, which is immutable. The operator enlarges the claims themselves in other
   * steps.
   */
  claimStorage?: string;
  /** Labels and annotations in the existing claim template, which is immutable. */
  claimMetadata?: { labels?: Record<string, string>; annotations?: Record<string, string> };
  /**
   * The number of replicas to apply while the cluster has an autoscaler that does not own `replicas` yet. For a new
   * cluster, it is the autoscaler's minimum; otherwise the current number. Without this number, Kubernetes would set
   * one replica. Undefined once the autoscaler owns the field.
   */
  replicasUntilHandedOver?: number;
  /** The operator's namespace. A NetworkPolicy must let the operator connect to the private port from there. */
  operatorNamespace: string;
  /** The optional kinds that the API server has, as "plural.group". */
  installed: ReadonlySet<string>;
  /**
   * The fields that a rule of an HTTPRoute can have in the installed version (see routeRuleFields()). Releases of
   * Gateway API have different fields.
   */
  routeRuleFields: ReadonlySet<string>;
}
