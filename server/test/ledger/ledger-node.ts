import { pino } from "pino";
import { until } from "../../../testkit/until.ts";
import { redisBus, type RedisBus } from "../../src/broadcast/bus/redis-bus.ts";
import type { Ledger } from "../../src/ledger/ledger.ts";
import { redisLedger } from "../../src/ledger/redis/redis-ledger.ts";
import type { Limits } from "../../src/protocol/limits.ts";
import { parseRedisAddress, type RedisTarget } from "../../src/redis/redis-address.ts";

export interface LedgerNodeOptions {
  /** One or more Redis URLs, separated by commas. The ledger uses the first one, and the bus uses all. */
  url: string;
  prefix: string;
  nodeId: string;
  limits: Limits;
  /** Length of this node's lease in Redis. The default is longer than any test takes. */
  leaseMs?: number;
  /**
   * How long Redis may be silent before the node treats it as down. The default is long, so that a slow machine does
   * not look like an outage.
   */
  deadlineMs?: number;
}

/** High limits. A test lowers only the limits that it checks. */
export const wide: Limits = {
  maxConnections: 1000,
  maxConnectionsPerUser: 1000,
  maxRoomsPerUser: 1000,
  maxEventsPerMinute: 1000,
  maxMessageBytes: 1000,
  maxConnectionsPerAddress: 1000,
  maxQueuedBytes: 1000,
};

const silent = pino({ level: "silent" });
const observer = {
  published: () => undefined,
  publishFailed: () => undefined,
  received: () => undefined,
  dropped: () => undefined,
};

export interface LedgerNode extends Ledger {
  bus: RedisBus;
}

/** Starts a ledger and its bus, as a gateway does. Does not wait until Redis is connected. */
export function ledgerNode({
  url,
  prefix,
  nodeId,
  limits,
  leaseMs = 60_000,
  deadlineMs = 10_000,
}: LedgerNodeOptions): LedgerNode {
  const targets = url.split(/,(?=redis)/).map((each) => parseRedisAddress(each) as RedisTarget);
  const common = { prefix, nodeId, logger: silent, now: Date.now, random: Math.random };
  const ledger = redisLedger({
    ...{ ...common, target: targets[0]!, limits, leaseMs, deadlineMs },
    bus: { view: () => ({ hearing: bus.hearing(), nodes: bus.nodes() }), announce: () => bus.announce() },
  });
  const bus: RedisBus = redisBus({
    ...{ ...common, targets, observer },
    announcements: { text: () => ledger.announcement(), heard: (id, text) => ledger.heard(id, text) },
  });
  return {
    ...ledger,
    bus,
    async close() {
      await ledger.close();
      await bus.close();
    },
  };
}

export async function exact<T extends Ledger>(ledger: T, deadlineMs = 10_000): Promise<T> {
  await until("the ledger to be exact", async () => ledger.state().mode === "cluster", deadlineMs, 5);
  return ledger;
}

export async function away<T extends Ledger>(ledger: T, deadlineMs = 10_000): Promise<T> {
  await until("the ledger to work by its share", async () => ledger.state().mode === "share", deadlineMs, 5);
  return ledger;
}

/** Waits until every node has learned of all others: from Redis, when it renews its lease, and over the bus. */
export async function acquainted(nodes: readonly LedgerNode[], deadlineMs = 10_000): Promise<void> {
  await until(
    "the nodes to know of each other",
    async () => nodes.every((node) => node.state().nodes === nodes.length && node.bus.nodes() === nodes.length),
    deadlineMs,
    5,
  );
}

/**
 * How many seats this node may grant without asking Redis. Zero while the node counts in Redis, where limits are exact.
 */
export function shareOf(ledger: Ledger): { maxConnections: number; maxConnectionsPerUser: number } {
  const { exactness } = ledger.state();
  return exactness.isExact ? { maxConnections: 0, maxConnectionsPerUser: 0 } : exactness.share;
}

/**
 * Requests `count` seats at the same time, and returns how many were granted. Without `userId`, each seat is for
 * another user.
 */
export async function takeSeats(ledger: Ledger, name: string, count: number, userId?: string): Promise<number> {
  const answers = await Promise.all(
    Array.from({ length: count }, async (_, index) =>
      ledger.takeSeat({ socketId: `${name}-${index}`, userId: userId ?? `${name}-${index}` }),
    ),
  );
  return answers.filter(({ taken }) => taken).length;
}

/**
 * Requests `count` seats again and again, as clients do, until `expected` seats are granted. This may take a moment: a
 * node that counts in Redis again does not use the share of another node until the bus says that this other node counts
 * in Redis again, too.
 */
export async function takeAtLast(ledger: Ledger, name: string, count: number, expected: number): Promise<void> {
  let taken = 0;
  await until(
    `${expected} of ${count} seats`,
    async () => (taken = await takeSeats(ledger, name, count)) >= expected,
    30_000,
    20,
  );
  if (taken > expected) throw new Error(`${taken} seats were granted, and only ${expected} were left`);
}
