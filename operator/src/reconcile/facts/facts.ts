import type { KubeObject } from "../../api/kube-object.ts";
import type { RealtimeCluster } from "../../api/realtime-cluster.ts";
import type { Inputs } from "../../manifests/shared/inputs.ts";
import type { GatewayAnswer } from "../../gateways/gateway-answer.ts";
import type { SecretValue } from "../../watches/trimmed-named.ts";

/**
 * Everything that the operator knows about one cluster at one moment. observe.ts collects it, and all other code
 * computes from it.
 */
export interface Facts {
  cluster: RealtimeCluster;
  /** Objects with our labels and this cluster's name. Some may have another owner or none. */
  children: readonly KubeObject[];
  /** Gateway and Redis pods, including terminating ones. */
  pods: readonly KubeObject[];
  /** Volume claims of Redis. */
  claims: readonly KubeObject[];
  /** The Secrets that the cluster's spec names (see namedSecretsOf()), by "namespace/name". */
  secrets: ReadonlyMap<string, SecretFact>;
  /** The Secret with the certificate of the Ingress. Gateways run without it. */
  tlsSecret?: SecretFact;
  /**
   * Whether the IngressClass that the spec names exists. Undefined when the spec names none, or when the operator may
   * not read IngressClasses.
   */
  hasIngressClass?: boolean;
  /** Other clusters that have the same host in spec.exposure. */
  sharingHost: readonly RealtimeCluster[];
  /**
   * Objects of other owners that have the name of one of our manifests. The operator watches each of them by its name.
   */
  foreign: readonly ForeignObject[];
  /** Volume claims that the API server refused to enlarge, by uid. */
  refusedGrowth: ReadonlyMap<string, RefusedGrowth>;
  /** For each child, by uid: the hash of the values in our fields after our last write. */
  knownValues: ReadonlyMap<string, string>;
  /** The last answer of each gateway, by pod uid. */
  answers: ReadonlyMap<string, GatewayAnswer>;
  /** The optional kinds that the API server has, as "plural.group". */
  installed: ReadonlySet<string>;
  routeRuleFields: ReadonlySet<string>;
  /** Random values for a cluster whose auth Secret does not have its values yet. */
  drawn: Inputs["secrets"];
  release: Release;
  nowMs: number;
}

/** Settings of the operator's release, and of its installation. */
export interface Release {
  images: { gateway: string; redis: string };
  /** The upgrade policy of clusters without spec.upgrade. */
  upgrade: "Automatic" | "Manual";
  operatorNamespace: string;
}

/**
 * What the operator knows about a Secret: whether it exists, and the size, hash and weakness of each value. It never
 * has the values themselves.
 */
export type SecretFact =
  /** The operator has just begun to watch the Secret, and does not know yet whether it exists. */
  | { state: "unknown" }
  | { state: "missing" }
  | { state: "unreadable"; reason: string }
  | { state: "present"; keys: ReadonlyMap<string, SecretValue> };

export interface RefusedGrowth {
  storage: string;
  message: string;
  atMs: number;
}

export interface ForeignObject {
  kind: string;
  name: string;
  /** The owner as text: "it belongs to Deployment web", or "nobody owns it". */
  owner: string;
}
