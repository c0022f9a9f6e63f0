import type { RealtimeCluster } from "../../api/realtime-cluster.ts";

/**
 * Names of a cluster's objects. The schema bounds the cluster's name at 40 characters, so the longest of them, a Redis
 * pod's name with its volume ("data-<cluster>-redis-0") or a ReplicaSet's pod, stays below the 63 of a label value.
 */
export interface Names {
  /** Deployment, Service, ConfigMap, ServiceAccount, Ingress, and everything else around the gateways. */
  server: string;
  /** StatefulSet, Service, ConfigMap and NetworkPolicy of Redis. */
  redis: string;
  /** Headless Service that gives each Redis pod its own address. */
  redisNodes: string;
  /** Secret with the Redis password and the admin token. */
  auth: string;
  dashboard: string;
}

export function namesOf(cluster: Pick<RealtimeCluster, "metadata">): Names {
  const { name } = cluster.metadata;
  return {
    server: `${name}-server`,
    redis: `${name}-redis`,
    redisNodes: `${name}-redis-nodes`,
    auth: `${name}-auth`,
    dashboard: `${name}-dashboard`,
  };
}

/** The gateway's ports: the one for clients, and the one for probes, metrics and the admin API. */
export const ports = { public: 3000, private: 9090, redis: 6379, service: 80 } as const;
