import type { Limits } from "../../protocol/limits.ts";

/**
 * The limits that hold for the whole cluster. Redis counts for all nodes; while it cannot, the nodes divide these
 * limits.
 */
export type CountedLimits = Omit<Limits, "maxMessageBytes" | "maxQueuedBytes"> & { connectionsPerSecond: number };
export type Pool = keyof CountedLimits;

export const pools = [
  "maxConnections",
  "maxConnectionsPerUser",
  "maxRoomsPerUser",
  "maxEventsPerMinute",
  "maxConnectionsPerAddress",
  "connectionsPerSecond",
] as const satisfies readonly Pool[];

/** Builds an object with one number for each of these limits. */
export function each(value: (pool: Pool) => number): CountedLimits {
  return {
    maxConnections: value("maxConnections"),
    maxConnectionsPerUser: value("maxConnectionsPerUser"),
    maxRoomsPerUser: value("maxRoomsPerUser"),
    maxEventsPerMinute: value("maxEventsPerMinute"),
    maxConnectionsPerAddress: value("maxConnectionsPerAddress"),
    connectionsPerSecond: value("connectionsPerSecond"),
  };
}
