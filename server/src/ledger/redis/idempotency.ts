import type { IdempotencyKeys } from "../ledger.ts";
import { Expiring } from "../memory/expiring.ts";
import { MOST_KEYS } from "../memory/memory-ledger.ts";
import type { Lease } from "./lease.ts";

/** Keys used in the cluster. This node's own are also kept in memory, for the time that Redis is away. */
export class RedisIdempotencyKeys implements IdempotencyKeys {
  readonly #lease: Lease;
  readonly #now: () => number;
  readonly #own: Expiring<true>;

  constructor(lease: Lease, now: () => number, onKeyForgotten: () => void = () => undefined) {
    this.#lease = lease;
    this.#now = now;
    // With Redis, forgetting a key here loses nothing.
    this.#own = new Expiring(MOST_KEYS, () => (lease.isExact ? undefined : onKeyForgotten()));
  }

  async claimOnce(key: string, ttlMs: number): Promise<boolean> {
    if (!this.#own.add(key, true, this.#now() + ttlMs, this.#now())) return false;
    const reply = await this.#lease.run("claim", [key, ttlMs]);
    return reply === undefined || reply[0] === 1;
  }
}
