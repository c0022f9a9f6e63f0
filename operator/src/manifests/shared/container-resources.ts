import type { Spec } from "../../api/realtime-cluster.ts";
import { knowsRecovery } from "./pod-release.ts";
import { quantityOf } from "./quantity.ts";
import { mebibytes, recoveryBytes, RING_FACTOR, LOG_FACTOR } from "../recovery-memory.ts";

type Amounts = Record<string, string | number>;

export interface ContainerResources {
  requests: Amounts;
  limits: Amounts;
}

/**
 * A container's resources when the spec sets none. There is no CPU limit, because throttling would delay all clients of
 * a pod at once.
 */
export interface ResourceDefaults {
  requests: { cpu: string; memory: string };
  memoryLimit: string;
}

const serverDefaults: ResourceDefaults = { requests: { cpu: "100m", memory: "192Mi" }, memoryLimit: "512Mi" };
const redisDefaults: ResourceDefaults = { requests: { cpu: "50m", memory: "64Mi" }, memoryLimit: "256Mi" };

/** maxmemory of Redis as a share of its memory limit: an append-only rewrite forks, and changed pages exist twice. */
export const MAXMEMORY_SHARE = 3 / 4;

/** The gateway's, with room for the messages that it keeps. */
export function serverResources(spec: Pick<Spec, "resources" | "recovery">, template: number): ContainerResources {
  const extra = knowsRecovery("gateway", template) ? RING_FACTOR * recoveryBytes(spec) : 0;
  return containerResources(spec.resources, withMemory(serverDefaults, extra));
}

/** Those of Redis, with room for the messages that it keeps. */
export function redisResources(spec: Pick<Spec, "redis" | "recovery">, template: number): ContainerResources {
  const extra = knowsRecovery("redis", template) ? (LOG_FACTOR * recoveryBytes(spec)) / MAXMEMORY_SHARE : 0;
  return containerResources(spec.redis.managed?.resources, withMemory(redisDefaults, extra));
}

function withMemory({ requests, memoryLimit }: ResourceDefaults, extraBytes: number): ResourceDefaults {
  return {
    requests: { ...requests, memory: plus(requests.memory, extraBytes) },
    memoryLimit: plus(memoryLimit, extraBytes),
  };
}

function plus(memory: string, extraBytes: number): string {
  return mebibytes((quantityOf(memory) ?? 0) + extraBytes);
}

/**
 * A container's resources. The spec's requests or limits replace all defaults of the same kind. The other defaults are
 * adjusted so that no request exceeds its limit, which the API server would refuse.
 */
export function containerResources(
  given: Spec["resources"] | undefined,
  defaults: ResourceDefaults,
): ContainerResources {
  const { requests, limits } = given ?? {};
  const memoryLimit = larger(defaults.memoryLimit, requests?.["memory"]);
  return { requests: requests ?? within(defaults.requests, limits), limits: limits ?? { memory: memoryLimit } };
}

function within(requests: Amounts, limits: Amounts = {}): Amounts {
  return Object.fromEntries(Object.entries(requests).map(([name, amount]) => [name, smaller(amount, limits[name])]));
}

function larger(amount: string | number, other: string | number = amount): string | number {
  return (quantityOf(other) ?? 0) > (quantityOf(amount) ?? 0) ? other : amount;
}

function smaller(amount: string | number, other: string | number = amount): string | number {
  return (quantityOf(other) ?? 0) < (quantityOf(amount) ?? 0) ? other : amount;
}
