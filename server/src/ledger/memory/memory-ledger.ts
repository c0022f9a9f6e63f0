import type { Ledger, RateAnswer, RateLedger, RevocationLedger, RevocationTarget } from "../ledger.ts";
import type { Limits } from "../../protocol/limits.ts";
import { revocationKey, Revocations } from "../revocations.ts";
import { Windows } from "../window.ts";
import { Expiring } from "./expiring.ts";
import { Holdings } from "./holdings.ts";
import { MemoryDrainBudget } from "./memory-drain-budget.ts";

export const EVENT_WINDOW_MS = 60_000;
export const ADDRESS_WINDOW_MS = 15 * 60_000;
/**
 * Maximum number of keys of each kind. At the maximum, the oldest key is dropped, so that clients cannot fill the
 * memory with invented names.
 */
export const MOST_KEYS = 100_000;

export interface MemoryLedgerOptions {
  limits: Limits;
  now: () => number;
  /** Called when an idempotency key is dropped before it expires, because there are too many keys. */
  onKeyForgotten?: () => void;
}

/** The ledger of a single node without Redis. All its counts are in memory. */
export function memoryLedger({ limits: initial, now, onKeyForgotten }: MemoryLedgerOptions): Ledger {
  let limits = initial;
  const holdings = new Holdings();
  const rates = new MemoryRates(now, () => limits);
  const drain = new MemoryDrainBudget(now);
  const keys = new Expiring<true>(MOST_KEYS, onKeyForgotten);
  const messages = new Expiring<true>(MOST_KEYS);
  return {
    takeSeat(seat, former) {
      holdings.moveSeat(seat, former);
      const answer = holdings.refusal(seat, limits);
      if (!answer.taken) return { ...answer, isPassing: false };
      holdings.seat(seat);
      return answer;
    },
    async releaseSeat({ socketId }) {
      holdings.unseat(socketId);
    },
    seatLikely: () => holdings.connections < limits.maxConnections,
    retire: () => undefined,
    async sweep({ seats }) {
      const { added, removed } = holdings.correct(seats);
      return { corrected: added.length + removed.length };
    },
    async enterRoom(entry) {
      const answer = holdings.roomRefusal(entry, limits);
      if (answer.entered) holdings.enter(entry);
      return answer;
    },
    async leaveRoom(entry) {
      holdings.leave(entry);
      return { participantCount: holdings.participants(entry.namespace, entry.room).participantCount };
    },
    presence: async (namespace, room) => holdings.participants(namespace, room),
    takeEvent: (userId, nowMs) => rates.takeEvent(userId, nowMs),
    admitAddress: (address) => rates.admitAddress(address),
    creditAddress: (address) => rates.creditAddress(address),
    addressRefusal: (address) => rates.addressRefusal(address),
    noteAddresses: () => rates.noteAddresses(),
    takeDrainTokens: (wanted) => drain.takeDrainTokens(wanted),
    announceDrain: (connections) => drain.announceDrain(connections),
    setDrainRate: (connectionsPerSecond) => drain.setDrainRate(connectionsPerSecond),
    cordon: async () => false,
    uncordon: async () => undefined,
    ...memoryRevocations(now),
    claimOnce: async (key, ttlMs) => (keys.add(key, true, now() + ttlMs, now()) ? "claimed" : "used"),
    claimMessage: async (id, ttlMs) => (messages.add(id, true, now() + ttlMs, now()) ? "claimed" : "used"),
    setLimits(next) {
      limits = next;
    },
    state: () => ({
      ...{ mode: "local", connections: holdings.connections, nodes: 1, limits },
      exactness: { isExact: true },
    }),
    close: async () => undefined,
  };
}

type LimitsOfRates = Pick<Limits, "maxEventsPerMinute" | "maxConnectionsPerAddress" | "maxConnections">;

/** Counts events and handshakes in this process's memory. Reads the limits at each call, because they can change. */
export class MemoryRates implements RateLedger {
  readonly #events = new Windows(EVENT_WINDOW_MS, MOST_KEYS);
  readonly #addresses = new Windows(ADDRESS_WINDOW_MS, MOST_KEYS);
  readonly #now: () => number;
  readonly #limits: () => LimitsOfRates;

  constructor(now: () => number, limits: () => LimitsOfRates) {
    this.#now = now;
    this.#limits = limits;
  }

  takeEvent(userId: string, nowMs: number): RateAnswer {
    return answerOf(this.#events.take(userId, this.#limits().maxEventsPerMinute, nowMs));
  }

  /**
   * The highest number of events of a single user, and of handshakes of a single IP address, in their present windows.
   */
  used(nowMs: number): { maxEventsPerMinute: number; maxConnectionsPerAddress: number } {
    return {
      maxEventsPerMinute: this.#events.mostUsed(nowMs),
      maxConnectionsPerAddress: this.#addresses.mostUsed(nowMs),
    };
  }

  admitAddress(address: string): RateAnswer {
    return answerOf(this.#addresses.take(address, this.#limits().maxConnectionsPerAddress, this.#now()));
  }

  async creditAddress(address: string): Promise<void> {
    this.#addresses.giveBack(address, this.#limits().maxConnections, this.#now());
  }

  addressRefusal(address: string): { retryAfterMs: number } | undefined {
    const retryAfterMs = this.#addresses.exhaustedForMs(address, this.#limits().maxConnectionsPerAddress, this.#now());
    return retryAfterMs === undefined ? undefined : { retryAfterMs };
  }

  /** Does nothing: if this process dies, the counts of handshakes are lost too, so nothing has to be taken off them. */
  async noteAddresses(): Promise<void> {}
}

function answerOf({ granted, retryAfterMs }: { granted: number; retryAfterMs: number }): RateAnswer {
  return granted === 1 ? { allowed: true } : { allowed: false, retryAfterMs };
}

function memoryRevocations(now: () => number): RevocationLedger {
  const revocations = new Revocations(MOST_KEYS);
  const listeners: ((target: RevocationTarget) => void)[] = [];
  return {
    async revoke(target, untilMs) {
      if (!revocations.add(revocationKey(target), { atMs: now(), untilMs }, now())) return;
      for (const listener of listeners) listener(target);
    },
    isRevoked: (identity) => revocations.covers(identity, now()),
    isRevocationDoubtful: (identity) => revocations.isDoubtful(identity, now()),
    onRevoked: (listener) => void listeners.push(listener),
  };
}
