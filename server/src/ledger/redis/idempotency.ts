import type { IdempotencyKeys } from "../ledger.ts";
import type { Lease } from "./lease.ts";

/**
 * Only Redis knows whether another node has used a key: without it the answer is unknown, and the back end tries again
 * later.
 */
export class RedisIdempotencyKeys implements IdempotencyKeys {
  readonly #lease: Lease;

  constructor(lease: Lease) {
    this.#lease = lease;
  }

  async claimOnce(key: string, ttlMs: number): Promise<"claimed" | "used" | "unknown"> {
    const reply = await this.#lease.run("claim", [key, ttlMs]);
    if (reply === undefined) return "unknown";
    return reply[0] === 1 ? "claimed" : "used";
  }
}
