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
 * A container's resources when the spec sets none. There is no CPU limit: when a container reaches a CPU limit, the
 * kernel pauses it, and all clients of the pod wait.
 */
export interface ResourceDefaults {
  requests: { cpu: string; memory: string };
  memoryLimit: string;
}

const serverDefaults: ResourceDefaults = { requests: { cpu: "100m", memory: "192Mi" }, memoryLimit: "512Mi" };
const redisDefaults: ResourceDefaults = { requests: { cpu: "50m", memory: "64Mi" }, memoryLimit: "256Mi" };

/**
 * The part of its memory limit that Redis may use for data. When Redis rewrites its append-only file, it forks, and
 * memory pages that change in the meantime exist twice.
 */
export const MAXMEMORY_SHARE = 3 / 4;

/** The resources of a gateway. They include memory for the messages that the gateway keeps for recovery. */
export function serverResources(spec: Pick<Spec, "resources" | "recovery">, template: number): ContainerResources {
  const extra = knowsRecovery("gateway", template) ? RING_FACTOR * recoveryBytes(spec) : 0;
  return containerResources(spec.resources, withMemory(serverDefaults, extra));
}

/** The resources of Redis. They include memory for the messages that Redis keeps for recovery. */
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
 * A container's resources. If the spec sets requests, they replace all default requests; limits likewise. Defaults that
 * remain are adjusted so that no request exceeds its limit, because the API server would refuse it.
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
