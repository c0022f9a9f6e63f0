import { Books } from "./books.ts";
import { Expiring } from "./expiring.ts";
import type { AddressAnswer, EventAnswer, Ledger, Limits, RevocationTarget } from "../ledger.ts";
import { revocationKey, Revocations } from "../revocations.ts";
import { drainCapacity, takeTokens, type TokenBucket } from "../token-bucket.ts";
import { Windows } from "../window.ts";

export const EVENT_WINDOW_MS = 60_000;
export const ADDRESS_WINDOW_MS = 15 * 60_000;
/** Keys that are remembered at most, of each kind: beyond it the oldest are forgotten, so that no flood of names grows memory. */
export const REMEMBERED = 100_000;

export interface MemoryLedgerOptions {
  limits: Limits;
  now: () => number;
  /** What state() says; "share" while it stands in for Redis. Default local. */
  mode?: "local" | "share";
}

/** The books of one node, in its own memory. Everything is answered at once. */
export function memoryLedger(options: MemoryLedgerOptions): Ledger {
  const { now } = options;
  const books = new Books();
  const events = new Windows(EVENT_WINDOW_MS, REMEMBERED);
  const addresses = new Windows(ADDRESS_WINDOW_MS, REMEMBERED);
  const revocations = new Revocations(REMEMBERED);
  const claims = new Expiring<true>(REMEMBERED);
  const listeners: ((target: RevocationTarget) => void)[] = [];
  let { limits } = options;
  let drainRate = 100;
  let drain: TokenBucket | undefined;
  let toMove = 0;

  return {
    takeSeat(seat) {
      const answer = books.refusal(seat, limits);
      if (answer.taken) books.seat(seat);
      return answer;
    },
    async releaseSeat({ socketId }) {
      books.unseat(socketId);
    },
    seatLikely: () => books.connections < limits.maxConnections,
    async enterRoom(entry) {
      const answer = books.roomRefusal(entry, limits);
      if (answer.entered) books.enter(entry);
      return answer;
    },
    async leaveRoom(entry) {
      books.leave(entry);
      return { participantCount: books.participants(entry.namespace, entry.room).participantCount };
    },
    presence: async (namespace, room) => books.participants(namespace, room),
    takeEvent(userId, nowMs): EventAnswer {
      const { granted, retryAfterMs } = events.take(userId, limits.maxEventsPerMinute, nowMs);
      return granted === 1 ? { allowed: true } : { allowed: false, retryAfterMs };
    },
    admitAddress(address): AddressAnswer {
      const { granted, retryAfterMs } = addresses.take(address, limits.maxConnectionsPerAddress, now());
      return granted === 1 ? { allowed: true } : { allowed: false, retryAfterMs };
    },
    async takeDrainTokens(wanted) {
      const { bucket, granted, nextAfterMs } = takeTokens(drain, drainRate, drainCapacity(drainRate), now(), wanted);
      drain = bucket;
      toMove = Math.max(0, toMove - granted);
      return { granted, nextAfterMs };
    },
    async announceDrain(connections) {
      toMove = Math.max(0, toMove + connections);
      return { connectionsLeft: toMove };
    },
    setLimits(next) {
      limits = next;
    },
    setDrainRate(connectionsPerSecond) {
      drainRate = connectionsPerSecond;
    },
    async revoke(target, untilMs) {
      if (!revocations.add(revocationKey(target), { atMs: now(), untilMs }, now())) return;
      for (const listener of listeners) listener(target);
    },
    isRevoked: (identity) => revocations.covers(identity, now()),
    onRevoked: (listener) => void listeners.push(listener),
    async claimOnce(key, ttlMs) {
      if (claims.get(key, now()) !== undefined) return false;
      claims.set(key, true, now() + ttlMs, now());
      return true;
    },
    async sweep({ seats }) {
      const { added, removed } = books.correct(seats);
      return { corrected: added.length + removed.length };
    },
    state: () => ({ mode: options.mode ?? "local", connections: books.connections, nodes: 1, limits }),
    close: async () => undefined,
  };
}
