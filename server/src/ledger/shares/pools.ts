import type { Limits } from "../../protocol/limits.ts";

/** The limits that the cluster counts together, and that the nodes divide while the ledger cannot count. */
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

/** Builds an object with one number per pool. */
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
