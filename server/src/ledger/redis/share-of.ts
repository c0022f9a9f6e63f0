import type { Limits } from "../ledger.ts";

/** What one of several equal nodes may let in by itself, so that together they stay within the limits; at least 1 of each. */
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
