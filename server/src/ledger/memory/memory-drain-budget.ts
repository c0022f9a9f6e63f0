import type { DrainBudget } from "../ledger.ts";
import { drainCapacity, takeTokens, type TokenBucket } from "../token-bucket.ts";

/** The drain tokens of one node, in its memory. */
export class MemoryDrainBudget implements DrainBudget {
  readonly #now: () => number;
  #perSecond = 100;
  #bucket: TokenBucket | undefined;
  #toMove = 0;

  constructor(now: () => number) {
    this.#now = now;
  }

  async takeDrainTokens(wanted: number): Promise<{ granted: number; nextAfterMs: number }> {
    const capacity = drainCapacity(this.#perSecond);
    const { bucket, granted, nextAfterMs } = takeTokens(this.#bucket, this.#perSecond, capacity, {
      nowMs: this.#now(),
      wanted,
    });
    this.#bucket = bucket;
    this.#toMove = Math.max(0, this.#toMove - granted);
    return { granted, nextAfterMs };
  }

  async announceDrain(connections: number): Promise<{ connectionsLeft: number }> {
    this.#toMove = Math.max(0, this.#toMove + connections);
    return { connectionsLeft: this.#toMove };
  }

  setDrainRate(connectionsPerSecond: number): void {
    this.#perSecond = connectionsPerSecond;
  }
}
