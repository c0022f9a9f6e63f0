import type { Ledger } from "../../src/ledger/ledger.ts";
import type { Limits } from "../../src/protocol/limits.ts";

/** Makes a ledger for one test. Its limits are exact from the start. */
export type MakeLedger = (limits: Limits) => Promise<Ledger>;

export const someLimits: Limits = {
  maxConnections: 5,
  maxConnectionsPerUser: 2,
  maxRoomsPerUser: 3,
  maxEventsPerMinute: 20,
  maxMessageBytes: 1000,
  maxConnectionsPerAddress: 4,
  maxQueuedBytes: 1000,
};
