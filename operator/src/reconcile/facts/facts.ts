import type { KubeObject } from "../../api/kube-object.ts";
import type { RealtimeCluster } from "../../api/realtime-cluster.ts";
import type { GatewayAnswer } from "../../gateways/gateway-answer.ts";
import type { SecretValue } from "../../watches/trimmed-named.ts";

/** Everything that is known of one cluster and its surroundings at one moment. Gathered by observe.ts; all that follows is computed from it. */
export interface Facts {
  cluster: RealtimeCluster;
  /** Objects with our labels and this cluster's name, with any owner. */
  children: readonly KubeObject[];
  /** Gateway and Redis pods, terminating ones included. */
  pods: readonly KubeObject[];
  /** Volume claims of Redis. */
  claims: readonly KubeObject[];
  /** Secrets the cluster names, by `namedSecretsOf`. */
  secrets: ReadonlyMap<string, SecretFact>;
  /** Objects that stand where a child was to be made, with who owns them. They are watched by name. */
  foreign: readonly ForeignObject[];
  /** Claims that were refused a size, by uid. */
  refusedGrowth: ReadonlyMap<string, RefusedGrowth>;
  /** What gateways answered when they were last asked, by pod uid. */
  answers: ReadonlyMap<string, GatewayAnswer>;
  /** Which optional kinds the API server has, as "plural.group". */
  installed: ReadonlySet<string>;
  routeRuleFields: ReadonlySet<string>;
  /** Values drawn at random, for a cluster that has no auth Secret yet. */
  drawn: { redisPassword: string; adminToken: string };
  release: Release;
  nowMs: number;
}

/** What belongs to this release and installation of the operator. */
export interface Release {
  images: { gateway: string; redis: string };
  /** What it means for the pods of clusters that do not say it in spec.upgrade. */
  upgrade: "Automatic" | "Manual";
  operatorNamespace: string;
}

/** A Secret as far as its cluster needs it: that it is there, and what its one key holds, without the value itself. */
export type SecretFact =
  /** Not looked at yet: its watch is starting. */
  | { state: "unknown" }
  | { state: "missing" }
  | { state: "unreadable"; reason: string }
  | { state: "present"; keys: ReadonlyMap<string, SecretValue> };

export interface RefusedGrowth {
  storage: string;
  /** The API server's words. */
  message: string;
  atMs: number;
}

export interface ForeignObject {
  kind: string;
  name: string;
  /** "Deployment web", or that nobody owns it. */
  owner: string;
}
