import type { RealtimeCluster } from "../../api/realtime-cluster.ts";
import { resources } from "../../api/resources.ts";
import { child, type Manifest } from "../shared/child.ts";
import { MAXMEMORY_SHARE, redisResources } from "../shared/container-resources.ts";
import type { Inputs } from "../shared/inputs.ts";
import { namesOf, ports } from "../shared/names.ts";
import { quantityOf } from "../shared/quantity.ts";

/** Size of a volume when spec.redis.managed is absent. It equals the schema's default. */
export const defaultStorage = "1Gi";

/** The configuration of Redis. It includes the password from a file of the auth Secret. */
export function redisConfigMap(cluster: RealtimeCluster, inputs: Inputs): Manifest | undefined {
  if (cluster.spec.redis.type !== "Managed") return undefined;
  return child(
    cluster,
    resources.configMaps,
    { name: namesOf(cluster).redis, component: "redis" },
    { data: { "redis.conf": redisConfig(cluster, inputs.releases.redis.template) } },
  );
}

/** Bytes that Redis may use of a memory limit. */
export function maxmemoryOf(memoryLimit: string | number): number {
  return Math.floor((quantityOf(memoryLimit) ?? 0) * MAXMEMORY_SHARE);
}

/**
 * The text of redis.conf. Without a memory limit there is no maxmemory. Redis evicts nothing, because an evicted lease
 * or seat would break a limit unnoticed.
 */
export function redisConfig(cluster: RealtimeCluster, template: number): string {
  const limit = redisResources(cluster.spec, template).limits["memory"];
  return [
    "include /etc/redis-auth/redis-auth.conf",
    "bind * -::*",
    `port ${ports.redis}`,
    "dir /data",
    "appendonly yes",
    "appendfsync everysec",
    'save ""',
    ...(limit === undefined ? [] : [`maxmemory ${maxmemoryOf(limit)}`]),
    "maxmemory-policy noeviction",
    // Disconnects a subscriber that reads slowly, before its buffer takes all memory.
    "client-output-buffer-limit pubsub 32mb 8mb 60",
    "tcp-keepalive 60",
    "",
  ].join("\n");
}
