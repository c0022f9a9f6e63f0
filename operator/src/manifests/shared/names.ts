import type { RealtimeCluster } from "../../api/realtime-cluster.ts";

/**
 * Names of a cluster's objects. A label value has at most 63 characters. The schema limits the cluster's name to 40, so
 * that the longest names fit: "data-<cluster>-redis-0", and the pod names of a ReplicaSet.
 */
export interface Names {
  /** Deployment, Service, ConfigMap, ServiceAccount, Ingress, and all other objects of the gateways. */
  server: string;
  /** StatefulSet, Service, ConfigMap and NetworkPolicy of Redis. */
  redis: string;
  /** Headless Service that gives each Redis pod its own address. */
  redisNodes: string;
  /** Secret with the Redis password, the admin token and the key of requests to handlers. */
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

/** The gateway's ports: public for clients, private for probes, metrics and the admin API. */
export const ports = { public: 3000, private: 9090, redis: 6379, service: 80 } as const;
