import type { Spec } from "../../api/realtime-cluster.ts";
import { quantityOf } from "./quantity.ts";

type Amounts = Record<string, string | number>;

/**
 * A container's resources when the spec sets none. There is no CPU limit, because throttling would delay all clients of
 * a pod at once.
 */
export interface ResourceDefaults {
  requests: { cpu: string; memory: string };
  memoryLimit: string;
}

export const serverDefaults: ResourceDefaults = { requests: { cpu: "100m", memory: "192Mi" }, memoryLimit: "512Mi" };
export const redisDefaults: ResourceDefaults = { requests: { cpu: "50m", memory: "64Mi" }, memoryLimit: "256Mi" };

/**
 * A container's resources. The spec's requests or limits replace all defaults of the same kind. The other defaults are
 * adjusted so that no request exceeds its limit, which the API server would refuse.
 */
export function containerResources(
  given: Spec["resources"] | undefined,
  defaults: ResourceDefaults,
): { requests: Amounts; limits: Amounts } {
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
