import type { Limits } from "../../protocol/limits.ts";

/** One of several equal nodes' part of the limits; at least 1 of each. */
export function shareOf(limits: Limits, nodes: number): Limits {
  const part = (limit: number): number => Math.max(1, Math.floor(limit / nodes));
  return {
    ...limits,
    maxConnections: part(limits.maxConnections),
    maxConnectionsPerUser: part(limits.maxConnectionsPerUser),
    maxRoomsPerUser: part(limits.maxRoomsPerUser),
    maxEventsPerMinute: part(limits.maxEventsPerMinute),
    maxConnectionsPerAddress: part(limits.maxConnectionsPerAddress),
  };
}
