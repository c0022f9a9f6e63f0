import type { IdempotencyKeys } from "../ledger.ts";
import type { Lease } from "./lease.ts";

/** Maximum number of remembered client messages per ttl. Redis keeps each one, some 90 bytes, for up to two ttls. */
const MOST_MESSAGES = 50_000;

/**
 * Only Redis knows whether another node has used a key. Without Redis the answer is "unknown", and the back end
 * retries.
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
