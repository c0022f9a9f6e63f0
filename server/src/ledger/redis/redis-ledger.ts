import type { Logger } from "pino";
import type { RedisTarget } from "../../redis/redis-address.ts";
import type { Ledger, SeatLedger } from "../ledger.ts";
import type { Limits } from "../../protocol/limits.ts";
import { Holdings } from "../memory/holdings.ts";
import { MemoryDrainBudget } from "../memory/memory-drain-budget.ts";
import { MemoryRates, MOST_KEYS } from "../memory/memory-ledger.ts";
import { ledgerReasonOf } from "../ledger-reasons.ts";
import { audit } from "./audit.ts";
import { RedisCordon } from "./cordon.ts";
import { RedisDrainBudget } from "./drain-budget.ts";
import { RedisIdempotencyKeys } from "./idempotency.ts";
import { InFlight } from "./in-flight.ts";
import { Lease, seatArgs } from "./lease.ts";
import { Link, unlessDown } from "./link.ts";
import { RedisRates } from "./rates.ts";
import { RevocationFeed } from "./revocation-feed.ts";
import { Rooms } from "./rooms.ts";
import { Seats, type HoldingDeps } from "./seats.ts";
import { ShareExchange, type BusPort } from "./share-exchange.ts";

export interface RedisLedgerOptions {
  target: RedisTarget;
  /** Prefix of all keys and channels of this cluster. */
  prefix: string;
  nodeId: string;
  limits: Limits;
  logger: Logger;
  now: () => number;
  random: () => number;
  /**
   * Sends this node's announcements to the other nodes. Default: none; a node's share then is the limit divided by the
   * number of nodes.
   */
  bus?: BusPort;
  /** Length of a lease: the other nodes can use the seats of a dead node after this time. Default: 10 s. */
  leaseMs?: number;
  /**
   * Redis counts as down if it sends nothing for this long while an answer is due. This node's share decides then.
   * Default: 500 ms.
   */
  deadlineMs?: number;
}

/** The ledger and the announcements that it sends and receives over the bus. */
export interface RedisLedger extends Ledger {
  announcement(): string;
  heard(nodeId: string, text: string): void;
}

/**
 * The ledger of the whole cluster, in Redis. The limits are exact over all nodes. While Redis cannot be used, each node
 * uses its own share of the limits.
 */
export function redisLedger(options: RedisLedgerOptions): RedisLedger {
  const { leaseMs = LEASE_MS, now, logger } = options;
  let { limits } = options;
  const parts = connect(options, () => limits);
  const { link, feed, lease, cordon, exchange, share, deps } = parts;
  const { shares } = exchange;
  const [seats, rooms] = [new Seats(deps), new Rooms(deps)];
  const rates = new RedisRates({
    ...{ lease, share, now, limits: () => shares.leftToLedger },
    grantedEvents: () => shares.granted.maxEventsPerMinute,
  });
  const drain = new RedisDrainBudget({ lease, share: new MemoryDrainBudget(now), shares });
  const keys = new RedisIdempotencyKeys(lease);
  const timer = setInterval(() => void lease.tick(), leaseMs / 3);
  timer.unref();

  return {
    async takeSeat(seat, former) {
      const answer = await seats.take(wellFormed(seat), former);
      exchange.changed();
      return answer;
    },
    async releaseSeat(seat) {
      await seats.release(wellFormed(seat));
      exchange.changed();
    },
    retire() {
      shares.retire();
      cordon.retire();
    },
    seatLikely: () => seats.likely(),
    sweep: ({ seats: held }) => sweep({ ...deps, link, logger }, held.map(wellFormed)),
    enterRoom: (entry, manner) => rooms.enter(wellFormed(entry), manner),
    leaveRoom: (entry, manner) => rooms.leave(wellFormed(entry), manner),
    presence: (namespace, room) => rooms.presence(namespace, room),
    takeEvent: (userId, nowMs) => rates.takeEvent(userId, nowMs),
    admitAddress: (address) => rates.admitAddress(address),
    creditAddress: (address) => rates.creditAddress(address),
    addressRefusal: (address) => rates.addressRefusal(address),
    noteAddresses: (seatsByAddress) => rates.noteAddresses(seatsByAddress),
    takeDrainTokens: (wanted) => drain.takeDrainTokens(wanted),
    announceDrain: (connections) => drain.announceDrain(connections),
    setDrainRate: (connectionsPerSecond) => drain.setDrainRate(connectionsPerSecond),
    cordon: (forMs) => cordon.cordon(forMs),
    uncordon: () => cordon.uncordon(),
    revoke: (revoked, untilMs) => feed.revoke(revoked, untilMs),
    isRevoked: (identity) => feed.covers(identity),
    isRevocationDoubtful: (identity) => feed.isDoubtful(identity),
    onRevoked: (listener) => feed.onRevoked(listener),
    claimOnce: (key, ttlMs) => keys.claimOnce(key, ttlMs),
    claimMessage: (id, ttlMs) => keys.claimMessage(id, ttlMs),
    setLimits(next) {
      limits = next;
      shares.setLimits(next);
      rates.reconsider();
    },
    state: () => ({ ...exchange.state(link.reason), limits }),
    announcement: () => shares.announcement(),
    heard(id, text) {
      const wasReduced = shares.isReduced;
      exchange.heard(id, text);
      if (wasReduced && !shares.isReduced) rates.reconsider();
    },
    async close() {
      clearInterval(timer);
      exchange.end();
      await lease.end();
      feed.close();
      link.close();
    },
  };
}

const LEASE_MS = 10_000;
const DEADLINE_MS = 500;

interface Parts {
  link: Link;
  feed: RevocationFeed;
  lease: Lease;
  cordon: RedisCordon;
  exchange: ShareExchange;
  share: MemoryRates;
  deps: HoldingDeps;
}

/** Builds the connection to Redis, this node's lease, and its shares for the time in which Redis cannot be used. */
function connect(options: RedisLedgerOptions, limits: () => Limits): Parts {
  const { target, prefix, nodeId, logger, now, random, leaseMs = LEASE_MS, deadlineMs = DEADLINE_MS, bus } = options;
  const holdings = new Holdings();
  const link = new Link({
    ...{ target, prefix, deadlineMs, now, random },
    onReady: () => void lease.ready(),
    onDown(reason) {
      lease.down(reason);
      // Reconnect the subscriber too. When a primary becomes a replica, it keeps its clients, but they do not get what
      // the new primary publishes.
      if (ledgerReasonOf(reason) === "read-only") feed.reconnect();
    },
  });
  const feed = new RevocationFeed({ link, target, prefix, most: MOST_KEYS, now, random });
  const lease: Lease = new Lease({
    ...{ link, holdings, nodeId, leaseMs, now, random, logger },
    onHeld(how, version) {
      if (how === "begun") {
        exchange.regained();
        cordon.leaseBegun();
      }
      void (how === "begun" ? feed.reconcile(version) : feed.catchUp(version));
    },
    onLost: () => exchange.lost(),
  });
  const cordon = new RedisCordon(lease);
  const share = new MemoryRates(now, () => exchange.shares.granted);
  const exchange: ShareExchange = new ShareExchange({
    ...{ nodeId, leaseMs, now, lease, holdings, bus },
    limits: limits(),
    rates: share,
  });
  const deps = { lease, holdings, inFlight: new InFlight(), now, limits, shares: exchange.shares };
  return { link, feed, lease, cordon, exchange, share, deps };
}

interface SweepDeps {
  link: Link;
  lease: Lease;
  holdings: Holdings;
  inFlight: InFlight;
  logger: Logger;
}

/**
 * Corrects the seats in memory to the connections that exist, and then the seats and room entries in Redis to those in
 * memory.
 */
async function sweep(
  { link, lease, holdings, inFlight, logger }: SweepDeps,
  held: Parameters<SeatLedger["sweep"]>[0]["seats"],
): Promise<{ corrected: number }> {
  const { added, removed } = holdings.correct(held, (socketId) => inFlight.isPending(`s${socketId}`));
  await Promise.all([
    ...removed.map(({ socketId }) => lease.changed({ script: "releaseSeat", args: [socketId] })),
    ...added.map((seat) => lease.changed({ script: "addSeat", args: seatArgs(seat) })),
  ]);
  const { id } = lease;
  const wrong = lease.isExact ? ((await unlessDown(audit({ link, holdings, inFlight, lease: id }))) ?? 0) : 0;
  if (wrong > 0 && id === lease.id) {
    logger.warn({ wrong }, "ledger in Redis differs from this gateway's connections, writing them again");
    await lease.declare("an audit found differences");
  }
  return { corrected: added.length + removed.length + wrong };
}

/** Redis replaces malformed Unicode, so a malformed user id that Redis returns would never equal the original. */
function wellFormed<T extends { userId: string }>(holder: T): T {
  return holder.userId.isWellFormed() ? holder : { ...holder, userId: holder.userId.toWellFormed() };
}
