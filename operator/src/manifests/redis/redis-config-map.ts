import type { RealtimeCluster } from "../../api/realtime-cluster.ts";
import { resources } from "../../api/resources.ts";
import { child, type Manifest } from "../shared/child.ts";
import { MAXMEMORY_SHARE, redisResources } from "../shared/container-resources.ts";
import type { Inputs } from "../shared/inputs.ts";
import { namesOf, ports } from "../shared/names.ts";
import { quantityOf } from "../shared/quantity.ts";

/** Size of a volume when spec.redis.managed is absent. It equals the schema's default. */
export const defaultStorage = "1Gi";

/** A ConfigMap with redis.conf. The password is not in it: redis.conf includes a file of the auth Secret. */
export function redisConfigMap(cluster: RealtimeCluster, inputs: Inputs): Manifest | undefined {
  if (cluster.spec.redis.type !== "Managed") return undefined;
  return child(
    cluster,
    resources.configMaps,
    { name: namesOf(cluster).redis, component: "redis" },
    { data: { "redis.conf": redisConfig(cluster, inputs.releases.redis.template) } },
  );
}

/** The value of maxmemory for a container with this memory limit, in bytes. */
export function maxmemoryOf(memoryLimit: string | number): number {
  return Math.floor((quantityOf(memoryLimit) ?? 0) * MAXMEMORY_SHARE);
}

/**
 * The text of redis.conf. Without a memory limit, it has no maxmemory. Redis must never evict keys: if it evicted a
 * lease or a seat, a limit could be exceeded and nobody would notice.
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
    // Redis disconnects a subscriber that reads too slowly. Otherwise the subscriber's output buffer would grow until
    // the memory is full.
    "client-output-buffer-limit pubsub 32mb 8mb 60",
    "tcp-keepalive 60",
    "",
  ].join("\n");
}
