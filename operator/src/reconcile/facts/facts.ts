import type { KubeObject } from "../../api/kube-object.ts";
import type { RealtimeCluster } from "../../api/realtime-cluster.ts";
import type { GatewayAnswer } from "../../gateways/gateway-answer.ts";
import type { SecretValue } from "../../watches/trimmed-named.ts";

/** Everything known about one cluster at one moment. observe.ts gathers it; everything else is computed from it. */
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
  /** The Secret with the certificate of the Ingress. Gateways run without it. */
  tlsSecret?: SecretFact;
  /** Whether the IngressClass of the spec exists. Undefined without a class, and when the operator cannot know. */
  hasIngressClass?: boolean;
  /** Other clusters whose route has the same host. */
  sharingHost: readonly RealtimeCluster[];
  /** Foreign objects with the name of a child, and their owners. They are watched by name. */
  foreign: readonly ForeignObject[];
  /** Claims whose growth was refused, by uid. */
  refusedGrowth: ReadonlyMap<string, RefusedGrowth>;
  /** The last answer of each gateway, by pod uid. */
  answers: ReadonlyMap<string, GatewayAnswer>;
  /** Which optional kinds the API server has, as "plural.group". */
  installed: ReadonlySet<string>;
  routeRuleFields: ReadonlySet<string>;
  /** Random values, for a cluster without an auth Secret. */
  drawn: { redisPassword: string; adminToken: string };
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

/** What the cluster needs to know of a Secret: that it exists and what its key holds, without the value. */
export type SecretFact =
  /** The Secret was not read yet, because its watch is starting. */
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
  /** Owner like "Deployment web", or a text that says that there is none. */
  owner: string;
}
