import type { RealtimeCluster } from "../../api/realtime-cluster.ts";

/**
 * The names of a cluster's objects. Kubernetes also writes some of them into labels, which may have at most 63
 * characters. The schema limits a cluster's name to 40, so that the longest ones fit: "data-<cluster>-redis-0", and the
 * pod names of a ReplicaSet.
 */
export interface Names {
  /** Name of the gateways' Deployment, Service, ConfigMap, ServiceAccount, Ingress, and all their other objects. */
  server: string;
  /** Name of Redis' StatefulSet, Service, ConfigMap and NetworkPolicy. */
  redis: string;
  /** Name of the headless Service that gives each Redis pod its own address. */
  redisNodes: string;
  /** Name of the Secret with the Redis password, the admin token, and the key that signs requests to handlers. */
  auth: string;
  /** Name of the headless Service by which Prometheus finds the gateways. */
  metrics: string;
  dashboard: string;
}

export function namesOf(cluster: Pick<RealtimeCluster, "metadata">): Names {
  const { name } = cluster.metadata;
  return {
    server: `${name}-server`,
    redis: `${name}-redis`,
    redisNodes: `${name}-redis-nodes`,
    auth: `${name}-auth`,
    metrics: `${name}-metrics`,
    dashboard: `${name}-dashboard`,
  };
}

/** The gateway's ports: public for clients, private for probes, metrics and the admin API. */
export const ports = { public: 3000, private: 9090, redis: 6379, service: 80 } as const;
