import type { RateAnswer, RateLedger } from "../ledger.ts";
import type { CountedLimits } from "../shares/pools.ts";
import { ADDRESS_WINDOW_MS, EVENT_WINDOW_MS, MOST_KEYS } from "../memory/memory-ledger.ts";
import { Allotments } from "./allotments.ts";
import type { Lease } from "./lease.ts";

export interface RatesDeps {
  lease: Lease;
  /** Decides while Redis cannot be used. */
  share: RateLedger;
  /** The limits minus what nodes that Redis does not count have claimed. */
  limits: () => CountedLimits;
  now: () => number;
}

/**
 * After this time, ask Redis again about an address without handshakes: another node may have given handshakes back.
 */
const RECHECK_MS = 2_000;
/** An address with fewer seats cannot come near its handshake limit, so its seats are not stored. */
const FEW_SEATS = 4;
/** Store the seats of at most this many addresses, those with the most seats. */
const MOST_NOTED = 1_000;

interface WindowKind {
  kind: "events" | "addresses";
  limit: (limits: CountedLimits) => number;
  windowMs: number;
  recheckMs?: number;
  share: (key: string, nowMs: number) => RateAnswer | Promise<RateAnswer>;
}

/** Event and handshake limits in Redis. While Redis cannot be used, this node's share of each limit decides. */
export class RedisRates implements RateLedger {
  readonly #deps: RatesDeps;
  readonly #events: Allotments;
  readonly #addresses: Allotments;

  constructor(deps: RatesDeps) {
    this.#deps = deps;
    const { share } = deps;
    this.#events = this.#allotments({
      kind: "events",
      limit: ({ maxEventsPerMinute }) => maxEventsPerMinute,
      windowMs: EVENT_WINDOW_MS,
      share: (userId, nowMs) => share.takeEvent(userId, nowMs),
    });
    this.#addresses = this.#allotments({
      kind: "addresses",
      limit: ({ maxConnectionsPerAddress }) => maxConnectionsPerAddress,
      windowMs: ADDRESS_WINDOW_MS,
      recheckMs: RECHECK_MS,
      share: (address) => share.admitAddress(address),
    });
  }

  takeEvent(userId: string, nowMs: number): RateAnswer | Promise<RateAnswer> {
    const { lease, share, limits } = this.#deps;
    if (!lease.isExact) return share.takeEvent(userId, nowMs);
    // Take a tenth of the limit per batch: one event in ten waits for Redis, and a node wastes at most a tenth.
    return this.#events.take(userId, Math.ceil(limits().maxEventsPerMinute / 10), nowMs);
  }

  admitAddress(address: string): RateAnswer | Promise<RateAnswer> {
    const { lease, share, now } = this.#deps;
    return lease.isExact ? this.#addresses.take(address, 1, now()) : share.admitAddress(address);
  }

  async creditAddress(address: string): Promise<void> {
    const { lease, share, limits } = this.#deps;
    const most = this.#mostKeys();
    const args = ["addresses", address, ADDRESS_WINDOW_MS, limits().maxConnections, most];
    const reply = await lease.run("giveBack", args);
    this.#addresses.reconsider(address);
    if (reply === undefined) await share.creditAddress(address);
  }

  addressRefusal(address: string): { retryAfterMs: number } | undefined {
    const { lease, share, now } = this.#deps;
    return lease.isExact ? this.#addresses.refusal(address, now()) : share.addressRefusal(address);
  }

  async noteAddresses(seats: ReadonlyMap<string, number>): Promise<void> {
    const { lease } = this.#deps;
    const noted = [...seats].filter(([, count]) => count >= FEW_SEATS).sort(([, a], [, b]) => b - a);
    await lease.run("noteAddresses", [lease.id, ...noted.slice(0, MOST_NOTED).flat()]);
  }

  /** Call after the limits changed. */
  reconsider(): void {
    this.#events.reconsider();
    this.#addresses.reconsider();
  }

  // The maximum number of keys. Every client may have a window of its own; keys above that number are invented.
  #mostKeys(): number {
    return Math.max(MOST_KEYS, 2 * this.#deps.limits().maxConnections);
  }

  #allotments({ kind, limit, windowMs, recheckMs, share }: WindowKind): Allotments {
    const { lease, limits, now } = this.#deps;
    const mostKeys = () => this.#mostKeys();
    return new Allotments({
      ...{ windowMs, recheckMs },
      most: MOST_KEYS,
      now,
      async takeBatch(key, wanted) {
        const reply = await lease.run("takeWindow", [kind, key, limit(limits()), windowMs, wanted, mostKeys()]);
        return reply === undefined ? undefined : { granted: Number(reply[0]), endsAfterMs: Number(reply[1]) };
      },
      share,
    });
  }
}
