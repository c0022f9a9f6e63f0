import type { Logger } from "pino";
import type { RedisTarget } from "../../redis/redis-address.ts";
import { Books } from "../memory/books.ts";
import type { Ledger, Limits } from "../ledger.ts";
import { ADDRESS_WINDOW_MS, EVENT_WINDOW_MS, memoryLedger, REMEMBERED } from "../memory/memory-ledger.ts";
import { Allotments } from "./allotments.ts";
import { audit } from "./audit.ts";
import { InFlight } from "./in-flight.ts";
import { Lease, seatArgs } from "./lease.ts";
import { Link, unlessDown } from "./link.ts";
import { RevocationFeed } from "./revocation-feed.ts";
import { Rooms } from "./rooms.ts";
import type { Reply, ScriptName } from "./scripts.ts";
import { Seats, type HoldingParts } from "./seats.ts";
import { shareOf } from "./share-of.ts";
import { drainCapacity } from "../token-bucket.ts";

export interface RedisLedgerOptions {
  target: RedisTarget;
  /** Keys and channels begin with it: one per cluster. */
  prefix: string;
  nodeId: string;
  limits: Limits;
  logger: Logger;
  now: () => number;
  random: () => number;
  /** A dead node's share is free after it; default 10 s. */
  leaseMs?: number;
  /** Longest silence of Redis while it is asked something, then this node's share decides; default 500 ms. */
  deadlineMs?: number;
}

/** The books of the whole cluster, in Redis: exact over all nodes. With Redis away each node works with its share of the limits. */
export function redisLedger(options: RedisLedgerOptions): Ledger {
  const { target, prefix, nodeId, logger, now, random, leaseMs = 10_000, deadlineMs = 500 } = options;
  let { limits } = options;
  let drainRate = 100;
  const books = new Books();
  const inFlight = new InFlight();
  // Decides on what has no holder (events, addresses, drains, claims) while Redis is away.
  const aside = memoryLedger({ limits, now, mode: "share" });

  const link = new Link({
    target,
    prefix,
    deadlineMs,
    now,
    random,
    onReady: () => void lease.ready(),
    onDown: (reason) => lease.down(reason),
  });
  const feed = new RevocationFeed({ link, target, prefix, most: REMEMBERED, now, random });
  const lease = new Lease({ link, books, nodeId, leaseMs, random, logger, onHeld });
  const parts: HoldingParts = { lease, books, inFlight, now, limits: () => limits };
  const seats = new Seats(parts);
  const rooms = new Rooms(parts);
  const timer = setInterval(() => void lease.tick(), leaseMs / 3);
  timer.unref();

  const events = new Allotments({
    windowMs: EVENT_WINDOW_MS,
    most: REMEMBERED,
    now,
    takeBatch: (userId, wanted) => takeWindow("events", userId, limits.maxEventsPerMinute, EVENT_WINDOW_MS, wanted),
    share: (userId, nowMs) => aside.takeEvent(userId, nowMs),
  });
  const addresses = new Allotments({
    windowMs: ADDRESS_WINDOW_MS,
    most: REMEMBERED,
    now,
    takeBatch: (address, wanted) =>
      takeWindow("addresses", address, limits.maxConnectionsPerAddress, ADDRESS_WINDOW_MS, wanted),
    share: (address) => aside.admitAddress(address),
  });

  async function takeWindow(
    kind: string,
    key: string,
    limit: number,
    lengthMs: number,
    wanted: number,
  ): Promise<{ granted: number; endsAfterMs: number } | undefined> {
    // Every client may have a window of its own; beyond that somebody is making keys up.
    const most = Math.max(REMEMBERED, 2 * limits.maxConnections);
    const reply = await whileExact("takeWindow", [kind, key, limit, lengthMs, wanted, most]);
    return reply === undefined ? undefined : { granted: Number(reply[0]), endsAfterMs: Number(reply[1]) };
  }

  /** Undefined: Redis is away, and the caller falls back. */
  async function whileExact(script: ScriptName, args: readonly (string | number)[]): Promise<Reply | undefined> {
    return lease.isExact ? await unlessDown(link.run(script, args)) : undefined;
  }

  function onHeld(how: "begun" | "renewed", revokedVersion: number): void {
    setShare();
    void (how === "begun" ? feed.reconcile(revokedVersion) : feed.catchUp(revokedVersion));
  }

  function setShare(): void {
    aside.setLimits(shareOf(limits, lease.nodes));
    aside.setDrainRate(drainRate / lease.nodes);
  }

  return {
    takeSeat: (seat) => seats.take(wellFormed(seat)),
    releaseSeat: (seat) => seats.release(wellFormed(seat)),
    seatLikely: () => seats.likely(),
    enterRoom: (entry) => rooms.enter(wellFormed(entry)),
    leaveRoom: (entry) => rooms.leave(wellFormed(entry)),
    presence: (namespace, room) => rooms.presence(namespace, room),
    // A tenth at once: one event in ten waits for Redis, and a node strands no more than that.
    takeEvent: (userId, nowMs) =>
      lease.isExact
        ? events.take(userId, Math.ceil(limits.maxEventsPerMinute / 10), nowMs)
        : aside.takeEvent(userId, nowMs),
    admitAddress: (address) => (lease.isExact ? addresses.take(address, 1, now()) : aside.admitAddress(address)),
    async takeDrainTokens(wanted) {
      const reply = await whileExact("takeDrainTokens", [drainRate, drainCapacity(drainRate), wanted]);
      return reply === undefined
        ? aside.takeDrainTokens(wanted)
        : { granted: Number(reply[0]), nextAfterMs: Number(reply[1]) };
    },
    async announceDrain(connections) {
      const reply = await whileExact("announceDrain", [connections]);
      if (reply !== undefined) return { connectionsLeft: Number(reply[0]) };
      return { connectionsLeft: (await aside.announceDrain(connections)).connectionsLeft * lease.nodes };
    },
    setLimits(next) {
      limits = next;
      setShare();
      events.reconsider();
      addresses.reconsider();
    },
    setDrainRate(connectionsPerSecond) {
      drainRate = connectionsPerSecond;
      setShare();
    },
    revoke: (revoked, untilMs) => feed.revoke(revoked, untilMs),
    isRevoked: (identity) => feed.covers(identity),
    onRevoked: (listener) => feed.onRevoked(listener),
    async claimOnce(key, ttlMs) {
      if (!(await aside.claimOnce(key, ttlMs))) return false;
      const reply = await whileExact("claim", [key, ttlMs]);
      return reply === undefined || reply[0] === 1;
    },
    async sweep(held) {
      const { added, removed } = books.correct(held.seats.map(wellFormed), (socketId) =>
        inFlight.isWanted(`s${socketId}`),
      );
      await Promise.all([
        ...removed.map(({ socketId }) => lease.changed({ script: "releaseSeat", args: [socketId] })),
        ...added.map((seat) => lease.changed({ script: "addSeat", args: seatArgs(seat) })),
      ]);
      const { id } = lease;
      const wrong = lease.isExact ? ((await unlessDown(audit({ link, books, inFlight, lease: id }))) ?? 0) : 0;
      if (wrong > 0 && id === lease.id) {
        logger.warn({ wrong }, "the books in Redis were wrong and are written anew");
        await lease.declare("the books did not balance");
      }
      return { corrected: added.length + removed.length + wrong };
    },
    state: () => ({ mode: lease.isExact ? "cluster" : "share", connections: lease.seats, nodes: lease.nodes, limits }),
    async close() {
      clearInterval(timer);
      await lease.end();
      feed.close();
      link.close();
    },
  };
}

/** What is no well-formed text comes back from Redis as another one, and would never balance. */
function wellFormed<T extends { userId: string }>(holder: T): T {
  return holder.userId.isWellFormed() ? holder : { ...holder, userId: holder.userId.toWellFormed() };
}
