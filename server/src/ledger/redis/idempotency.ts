import type { IdempotencyKeys } from "../ledger.ts";
import type { Lease } from "./lease.ts";

/**
 * Maximum number of clients' messages that are remembered per ttl. Each needs about 90 bytes in Redis, for up to two
 * ttls.
 */
const MOST_MESSAGES = 50_000;

/**
 * Idempotency keys in Redis. Only Redis knows whether another node has used a key. If it cannot be used, the answer is
 * "unknown".
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

  async claimMessage(id: string, ttlMs: number): Promise<"claimed" | "used" | "unknown"> {
    const reply = await this.#lease.run("claimMessage", [id, ttlMs, MOST_MESSAGES]);
    if (reply === undefined) return "unknown";
    return reply[0] === 1 ? "claimed" : "used";
  }
}
