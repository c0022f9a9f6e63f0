import type { RateAnswer, RateLedger } from "../ledger.ts";
import type { CountedLimits } from "../shares/pools.ts";
import { ADDRESS_WINDOW_MS, EVENT_WINDOW_MS, MOST_KEYS } from "../memory/memory-ledger.ts";
import { Allotments } from "./allotments.ts";
import type { Lease } from "./lease.ts";

export interface RatesDeps {
  lease: Lease;
  /** Decides while Redis is away. */
  share: RateLedger;
  /** What the ledger may give out. */
  limits: () => CountedLimits;
  now: () => number;
}

interface WindowKind {
  kind: "events" | "addresses";
  limit: (limits: CountedLimits) => number;
  windowMs: number;
  share: (key: string, nowMs: number) => RateAnswer | Promise<RateAnswer>;
}

/** Windows of users and addresses in Redis; without Redis, windows of this node's share. */
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
      share: (address) => share.admitAddress(address),
    });
  }

  takeEvent(userId: string, nowMs: number): RateAnswer | Promise<RateAnswer> {
    const { lease, share, limits } = this.#deps;
    if (!lease.isExact) return share.takeEvent(userId, nowMs);
    // A tenth at once: one event in ten waits for Redis, and a node strands no more than that.
    return this.#events.take(userId, Math.ceil(limits().maxEventsPerMinute / 10), nowMs);
  }

  admitAddress(address: string): RateAnswer | Promise<RateAnswer> {
    const { lease, share, now } = this.#deps;
    return lease.isExact ? this.#addresses.take(address, 1, now()) : share.admitAddress(address);
  }

  /** After limits have changed. */
  reconsider(): void {
    this.#events.reconsider();
    this.#addresses.reconsider();
  }

  #allotments({ kind, limit, windowMs, share }: WindowKind): Allotments {
    const { lease, limits, now } = this.#deps;
    return new Allotments({
      windowMs,
      most: MOST_KEYS,
      now,
      async takeBatch(key, wanted) {
        // Every client may have a window of its own; beyond that, keys are invented.
        const most = Math.max(MOST_KEYS, 2 * limits().maxConnections);
        const reply = await lease.run("takeWindow", [kind, key, limit(limits()), windowMs, wanted, most]);
        return reply === undefined ? undefined : { granted: Number(reply[0]), endsAfterMs: Number(reply[1]) };
      },
      share,
    });
  }
}
