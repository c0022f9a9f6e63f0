import type { KubeObject } from "../../api/kube-object.ts";
import type { RealtimeCluster } from "../../api/realtime-cluster.ts";
import type { Inputs } from "../../manifests/shared/inputs.ts";
import type { GatewayAnswer } from "../../gateways/gateway-answer.ts";
import type { SecretValue } from "../../watches/trimmed-named.ts";

/**
 * Everything known about one cluster at one moment. observe.ts collects it, and everything else is computed from it.
 */
export interface Facts {
  cluster: RealtimeCluster;
  /** Objects with our labels and this cluster's name, of any owner. */
  children: readonly KubeObject[];
  /** Gateway and Redis pods, terminating ones included. */
  pods: readonly KubeObject[];
  /** Volume claims of Redis. */
  claims: readonly KubeObject[];
  /** Secrets that the cluster names (see `namedSecretsOf`), by name. */
  secrets: ReadonlyMap<string, SecretFact>;
  /** The Secret with the Ingress' certificate. Gateways run without it. */
  tlsSecret?: SecretFact;
  /**
   * Whether the spec's IngressClass exists. Undefined when the spec names none, and when the operator cannot read it.
   */
  hasIngressClass?: boolean;
  /** Other clusters whose route has the same host. */
  sharingHost: readonly RealtimeCluster[];
  /** Objects of other owners that have the name of a child. A watch by name follows each of them. */
  foreign: readonly ForeignObject[];
  /** Volume claims whose growth the API server refused, by uid. */
  refusedGrowth: ReadonlyMap<string, RefusedGrowth>;
  /** The last answer of each gateway, by pod uid. */
  answers: ReadonlyMap<string, GatewayAnswer>;
  /** Which optional kinds the API server has, as "plural.group". */
  installed: ReadonlySet<string>;
  routeRuleFields: ReadonlySet<string>;
  /** Random values for a cluster whose auth Secret does not have them yet. */
  drawn: Inputs["secrets"];
  release: Release;
  nowMs: number;
}

/** Settings of this release and installation of the operator. */
export interface Release {
  images: { gateway: string; redis: string };
  /** The upgrade policy of clusters without spec.upgrade. */
  upgrade: "Automatic" | "Manual";
  operatorNamespace: string;
}

/**
 * What the operator needs to know about a Secret: whether it exists, and facts about its values, but not the values.
 */
export type SecretFact =
  /** The Secret's watch has just begun, and nothing was read yet. */
  | { state: "unknown" }
  | { state: "missing" }
  | { state: "unreadable"; reason: string }
  | { state: "present"; keys: ReadonlyMap<string, SecretValue> };

export interface RefusedGrowth {
  storage: string;
  /** The message of the API server. */
  message: string;
  atMs: number;
}

export interface ForeignObject {
  kind: string;
  name: string;
  /** The owner as text, such as "Deployment web", or a text that says that there is no owner. */
  owner: string;
}
