import type { RealtimeCluster } from "../api/realtime-cluster.ts";
import { resources } from "../api/resources.ts";
import { child, type Manifest } from "./child.ts";
import { namesOf, ports } from "./names.ts";
import { quantityOf } from "./quantity.ts";

export const redisDefaults = { storage: "1Gi", memory: "256Mi", requests: { cpu: "50m", memory: "64Mi" } } as const;

/** The configuration of Redis; its password comes from the auth Secret by include. */
export function redisConfigMap(cluster: RealtimeCluster): Manifest | undefined {
  if (cluster.spec.redis.type !== "Managed") return undefined;
  return child(cluster, resources.configMaps, { name: namesOf(cluster).redis, component: "redis" }, { data: { "redis.conf": redisConfig(cluster) } });
}

/**
 * redis.conf. maxmemory is three quarters of the container's memory limit: rewriting the append-only file forks, and pages that
 * change meanwhile are held twice. noeviction, because an evicted lease or seat would break a limit without a word.
 */
export function redisConfig(cluster: RealtimeCluster): string {
  const limit = quantityOf(cluster.spec.redis.managed?.resources.limits?.["memory"] ?? redisDefaults.memory) ?? 0;
  return [
    "include /etc/redis-auth/redis-auth.conf",
    "bind * -::*",
    `port ${ports.redis}`,
    "dir /data",
    "appendonly yes",
    "appendfsync everysec",
    'save ""',
    `maxmemory ${Math.floor((limit * 3) / 4)}`,
    "maxmemory-policy noeviction",
    // A subscriber that stalls is cut before it takes the memory of all.
    "client-output-buffer-limit pubsub 32mb 8mb 60",
    "tcp-keepalive 60",
    "",
  ].join("\n");
}
