import { pino } from "pino";
import { until } from "../../../testkit/until.ts";
import { parseRedisAddress, type RedisTarget } from "../../src/redis/redis-address.ts";
import type { Ledger } from "../../src/ledger/ledger.ts";
import type { Limits } from "../../src/protocol/limits.ts";
import { redisLedger } from "../../src/ledger/redis/redis-ledger.ts";

export interface LedgerNodeOptions {
  url: string;
  prefix: string;
  nodeId: string;
  limits: Limits;
  /** Default: long enough for no test to see it end. */
  leaseMs?: number;
  /** Default: long enough that a busy machine is not taken for an outage. */
  deadlineMs?: number;
}

/** Wide, so that each test narrows what it is about. */
export const wide: Limits = {
  maxConnections: 1000,
  maxConnectionsPerUser: 1000,
  maxRoomsPerUser: 1000,
  maxEventsPerMinute: 1000,
  maxMessageBytes: 1000,
  maxConnectionsPerAddress: 1000,
  maxQueuedBytes: 1000,
};

/** A ledger as a gateway has it, not waited for. */
export function ledgerNode({
  url,
  prefix,
  nodeId,
  limits,
  leaseMs = 60_000,
  deadlineMs = 10_000,
}: LedgerNodeOptions): Ledger {
  return redisLedger({
    target: parseRedisAddress(url) as RedisTarget,
    prefix,
    nodeId,
    limits,
    leaseMs,
    deadlineMs,
    logger: pino({ level: "silent" }),
    now: Date.now,
    random: Math.random,
  });
}

export async function exact<T extends Ledger>(ledger: T, deadlineMs = 10_000): Promise<T> {
  await until("the ledger to be exact", async () => ledger.state().mode === "cluster", deadlineMs, 5);
  return ledger;
}

export async function away<T extends Ledger>(ledger: T, deadlineMs = 10_000): Promise<T> {
  await until("the ledger to work by its share", async () => ledger.state().mode === "share", deadlineMs, 5);
  return ledger;
}

/** A share is of the nodes a node knows, and it hears of a newcomer with its next renewal. */
export async function acquainted(nodes: readonly Ledger[], deadlineMs = 10_000): Promise<void> {
  await until(
    "the nodes to know of each other",
    async () => nodes.every((node) => node.state().nodes === nodes.length),
    deadlineMs,
    5,
  );
}

/** How many of the wanted seats were given, all asked for at the same moment; each is a user's own unless `userId` is said. */
export async function takeSeats(ledger: Ledger, name: string, count: number, userId?: string): Promise<number> {
  const answers = await Promise.all(
    Array.from({ length: count }, async (_, index) =>
      ledger.takeSeat({ socketId: `${name}-${index}`, userId: userId ?? `${name}-${index}` }),
    ),
  );
  return answers.filter(({ taken }) => taken).length;
}
