import { MAXMEMORY_SHARE, redisResources, serverResources } from "../../../manifests/shared/container-resources.ts";
import { maxmemoryOf } from "../../../manifests/redis/redis-config-map.ts";
import { knowsRecovery } from "../../../manifests/shared/pod-release.ts";
import { gatewayBytes, GATEWAY_BASE_BYTES, mebibytes, redisBytes } from "../../../manifests/recovery-memory.ts";
import { quantityOf } from "../../../manifests/shared/quantity.ts";
import { podReleases } from "../../facts/pod-releases.ts";
import type { Warning } from "./warning.ts";

/** Warns when the memory limit is too low for a gateway. A limit without a unit is in bytes. */
export const gatewayMemory: Warning = (facts) => {
  const { spec } = facts.cluster;
  const { template } = podReleases(facts).gateway.wanted;
  const limit = serverResources(spec, template).limits["memory"];
  const bytes = quantityOf(limit ?? "") ?? Infinity;
  if (bytes < GATEWAY_BASE_BYTES)
    return {
      reason: "MemoryTooLow",
      message: `spec.resources.limits.memory ${limit} is less than the 128Mi a gateway needs to start: raise it`,
    };
  const needed = gatewayBytes(spec);
  if (!knowsRecovery("gateway", template) || bytes >= needed) return undefined;
  return {
    reason: "MemoryTooLow",
    message: `spec.recovery.maxBytes ${spec.recovery.maxBytes} does not fit into spec.resources.limits.memory ${limit}, so a gateway can be killed when it keeps that many messages: raise the memory to ${mebibytes(needed)} or more, or lower spec.recovery.maxBytes`,
  };
};

/**
 * Warns when a managed Redis has too little memory for the ledger and for the messages that recovery keeps. Redis
 * evicts nothing, so a full Redis refuses the ledger's writes.
 */
export const redisMemory: Warning = (facts) => {
  const { spec } = facts.cluster;
  if (spec.redis.type !== "Managed") return undefined;
  const { template } = podReleases(facts).redis.wanted;
  const limit = redisResources(spec, template).limits["memory"];
  const needed = redisBytes(spec);
  if (limit === undefined || !knowsRecovery("redis", template) || maxmemoryOf(limit) >= needed) return undefined;
  const { needs, effect, lower } = wordsFor(facts.cluster.spec);
  return {
    reason: "RedisMemoryTooLow",
    message: `${needs} ${mebibytes(needed)} in Redis, but spec.redis.managed.resources.limits.memory ${limit} leaves ${mebibytes(maxmemoryOf(limit))} for data: when Redis is full, ${effect}; raise this limit to ${mebibytes(needed / MAXMEMORY_SHARE)} or more, or ${lower}`,
  };
};

function wordsFor({ recovery, limits }: Parameters<typeof redisBytes>[0]) {
  const connections = `spec.limits.maxConnections ${limits.maxConnections}`;
  if (recovery.windowSeconds === 0)
    return {
      needs: `${connections} needs`,
      effect: "each gateway enforces only its share of the limits",
      lower: "lower spec.limits.maxConnections",
    };
  return {
    needs: `spec.recovery.maxBytes ${recovery.maxBytes} and ${connections} need`,
    effect: "each gateway enforces only its share of the limits, and no messages are kept for clients that return",
    lower: "lower one of the other two fields",
  };
}
