import { setTimeout as sleep } from "node:timers/promises";
import type { RateAnswer, RateLedger } from "../ledger.ts";
import type { CountedLimits } from "../shares/pools.ts";
import { ADDRESS_WINDOW_MS, EVENT_WINDOW_MS, MOST_KEYS } from "../memory/memory-ledger.ts";
import { Allotments } from "./allotments.ts";
import type { Lease } from "./lease.ts";

export interface RatesDeps {
  lease: Pick<Lease, "id" | "isExact" | "run">;
  /** This node's share of the limits. It decides while Redis cannot be used. */
  share: RateLedger;
  /** How many events per minute this node can grant each user while Redis cannot be used. */
  grantedEvents: () => number;
  /** The limits without the claims of nodes that Redis does not count. */
  limits: () => CountedLimits;
  now: () => number;
  /** Default: 5 s. */
  settleWithinMs?: number;
}

/**
 * After a pause of this process, this node grants no events for a few seconds, until it knows its share again. Events
 * wait for that, but not longer than this.
 */
const SETTLE_WITHIN_MS = 5_000;
const LOOK_EVERY_MS = 100;
/** A client can send an event again after this time, if the share is still unknown. */
const UNSETTLED_RETRY_MS = 1_000;
/**
 * If an IP address has used all its handshakes, ask Redis again after this time: another node could have taken
 * handshakes off the count.
 */
const RECHECK_MS = 2_000;
/** An IP address with fewer seats is far from its limit of handshakes, so the number of its seats is not stored. */
const FEW_SEATS = 4;
/** Maximum number of IP addresses whose number of seats is stored. Those with the most seats are chosen. */
const MOST_NOTED = 1_000;

interface WindowKind {
  kind: "events" | "addresses";
  limit: (limits: CountedLimits) => number;
  windowMs: number;
  recheckMs?: number;
  share: (key: string, nowMs: number) => RateAnswer | Promise<RateAnswer>;
}

/**
 * The limits of events and handshakes. Redis counts; while it cannot be used, this node's share of each limit decides.
 */
export class RedisRates implements RateLedger {
  readonly #deps: RatesDeps;
  readonly #events: Allotments;
  readonly #addresses: Allotments;
  #settling: Promise<void> | undefined;
  /** When events no longer wait for this node's share. Undefined while the node knows its share. */
  #waitEndsAtMs: number | undefined;

  constructor(deps: RatesDeps) {
    this.#deps = deps;
    const { share } = deps;
    this.#events = this.#allotments({
      kind: "events",
      limit: ({ maxEventsPerMinute }) => maxEventsPerMinute,
      windowMs: EVENT_WINDOW_MS,
      share: (userId, nowMs) => this.#takeEventOfShare(userId, nowMs),
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
    const { lease, limits } = this.#deps;
    if (!lease.isExact) return this.#takeEventOfShare(userId, nowMs);
    this.#waitEndsAtMs = undefined;
    // A batch is a tenth of the limit. So at most one event in ten waits for Redis, and a node wastes at most a tenth
    // of the limit.
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

  /** Forgets which users and IP addresses are at their limit. Must be called after the limits changed. */
  reconsider(): void {
    this.#events.reconsider();
    this.#addresses.reconsider();
  }

  // Maximum number of keys. Each client can have a window of its own; more keys can only be invented ones.
  #mostKeys(): number {
    return Math.max(MOST_KEYS, 2 * this.#deps.limits().maxConnections);
  }

  #takeEventOfShare(userId: string, nowMs: number): RateAnswer | Promise<RateAnswer> {
    const { share, grantedEvents, settleWithinMs = SETTLE_WITHIN_MS } = this.#deps;
    if (grantedEvents() > 0) {
      this.#waitEndsAtMs = undefined;
      return share.takeEvent(userId, nowMs);
    }
    this.#waitEndsAtMs ??= nowMs + settleWithinMs;
    if (nowMs >= this.#waitEndsAtMs) return { allowed: false, retryAfterMs: UNSETTLED_RETRY_MS };
    return this.#takeEventLater(userId, this.#waitEndsAtMs);
  }

  async #takeEventLater(userId: string, deadlineMs: number): Promise<RateAnswer> {
    this.#settling ??= this.#settle(deadlineMs).finally(() => (this.#settling = undefined));
    await this.#settling;
    return this.takeEvent(userId, this.#deps.now());
  }

  /** Resolves when this node can grant events again, at the latest at the deadline. */
  async #settle(deadlineMs: number): Promise<void> {
    const { lease, grantedEvents, now } = this.#deps;
    while (!lease.isExact && grantedEvents() === 0 && now() < deadlineMs) await sleep(LOOK_EVERY_MS);
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
