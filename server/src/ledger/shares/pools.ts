import type { Limits } from "../../protocol/limits.ts";

/** Everything that is counted over the cluster and divided among the nodes while the ledger cannot count it. */
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

/** One number for each pool. */
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
