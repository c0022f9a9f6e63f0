import type { RealtimeCluster } from "../../api/realtime-cluster.ts";
import { resources } from "../../api/resources.ts";
import { child, type Manifest } from "../shared/child.ts";
import { containerResources, redisDefaults } from "../shared/container-resources.ts";
import { namesOf, ports } from "../shared/names.ts";
import { quantityOf } from "../shared/quantity.ts";

/** Size of a volume where spec.redis.managed is absent; equal to the schema's default. */
export const defaultStorage = "1Gi";

/** The configuration of Redis; its password comes from the auth Secret by include. */
export function redisConfigMap(cluster: RealtimeCluster): Manifest | undefined {
  if (cluster.spec.redis.type !== "Managed") return undefined;
  return child(
    cluster,
    resources.configMaps,
    { name: namesOf(cluster).redis, component: "redis" },
    { data: { "redis.conf": redisConfig(cluster) } },
  );
}

/**
 * redis.conf. maxmemory is three quarters of the container's memory limit: rewriting the append-only file forks, and pages that
 * change during it are held twice. Without a limit there is no maxmemory. noeviction, because an evicted lease or seat would break a limit without a word.
 */
export function redisConfig(cluster: RealtimeCluster): string {
  const limit = containerResources(cluster.spec.redis.managed?.resources, redisDefaults).limits["memory"];
  return [
    "include /etc/redis-auth/redis-auth.conf",
    "bind * -::*",
    `port ${ports.redis}`,
    "dir /data",
    "appendonly yes",
    "appendfsync everysec",
    'save ""',
    ...(limit === undefined ? [] : [`maxmemory ${Math.floor(((quantityOf(limit) ?? 0) * 3) / 4)}`]),
    "maxmemory-policy noeviction",
    // A subscriber that stalls is cut before it takes the memory of all.
    "client-output-buffer-limit pubsub 32mb 8mb 60",
    "tcp-keepalive 60",
    "",
  ].join("\n");
}
