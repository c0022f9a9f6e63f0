import type { EventAnswer } from "../ledger.ts";

/** What this node has of a user's window: tokens taken from Redis and not yet spent. */
interface Allotment {
  tokens: number;
  /** No more to be had before the window ends. */
  isExhausted: boolean;
  untilMs: number;
}

export interface AllotmentOptions {
  windowMs: number;
  /** Keys remembered; beyond it the oldest are forgotten, their tokens with them. */
  most: number;
  now: () => number;
  /** Takes a batch from the cluster's window; undefined when Redis is away. */
  takeBatch(key: string, wanted: number): Promise<{ granted: number; endsAfterMs: number } | undefined>;
  /** Decides instead when Redis is away. */
  share(key: string, nowMs: number): EventAnswer | Promise<EventAnswer>;
}

/**
 * Tokens taken from Redis in batches and spent here. Within one window never more than the limit leave Redis; what a node has not
 * spent when the window ends is lost. One batch per key is asked for at a time, and all who wait for it share it.
 */
export class Allotments {
  readonly #options: AllotmentOptions;
  readonly #allotments = new Map<string, Allotment>();
  readonly #fetching = new Map<string, { isFilled: Promise<boolean>; waiting: number }>();

  constructor(options: AllotmentOptions) {
    this.#options = options;
  }

  take(key: string, batch: number, nowMs: number): EventAnswer | Promise<EventAnswer> {
    return this.#spend(key, nowMs) ?? this.#fetchAndSpend(key, batch);
  }

  /** After limits have changed: what is exhausted may not be so any more. */
  reconsider(): void {
    for (const allotment of this.#allotments.values()) allotment.isExhausted = false;
  }

  #spend(key: string, nowMs: number): EventAnswer | undefined {
    const allotment = this.#allotments.get(key);
    if (allotment === undefined) return undefined;
    const leftMs = allotment.untilMs - nowMs;
    // Longer than a window: the clock has been set back.
    if (leftMs <= 0 || leftMs > this.#options.windowMs) {
      this.#allotments.delete(key);
      return undefined;
    }
    if (allotment.tokens > 0) {
      allotment.tokens -= 1;
      return { allowed: true };
    }
    return allotment.isExhausted ? { allowed: false, retryAfterMs: leftMs } : undefined;
  }

  async #fetchAndSpend(key: string, batch: number): Promise<EventAnswer> {
    let waited = 0;
    for (;;) {
      // Whoever asks next asks for all who waited with it and are still here.
      const fetching = this.#fetching.get(key) ?? { isFilled: this.#fetch(key, Math.max(batch, waited)), waiting: 0 };
      this.#fetching.set(key, fetching);
      fetching.waiting += 1;
      const isFilled = await fetching.isFilled;
      if (this.#fetching.get(key) === fetching) this.#fetching.delete(key);
      waited = fetching.waiting;
      fetching.waiting -= 1;
      const nowMs = this.#options.now();
      if (!isFilled) return this.#options.share(key, nowMs);
      const answer = this.#spend(key, nowMs);
      if (answer !== undefined) return answer;
    }
  }

  async #fetch(key: string, batch: number): Promise<boolean> {
    // Read before the asking: the end as we reckon it must not be later than the real one.
    const askedAtMs = this.#options.now();
    const taken = await this.#options.takeBatch(key, batch);
    if (taken === undefined) return false;
    this.#allotments.delete(key);
    if (this.#allotments.size >= this.#options.most) this.#forgetOldest();
    const { granted, endsAfterMs } = taken;
    this.#allotments.set(key, {
      tokens: granted,
      isExhausted: granted < batch,
      untilMs: askedAtMs + Math.max(1, endsAfterMs),
    });
    return true;
  }

  #forgetOldest(): void {
    const [oldest] = this.#allotments.keys();
    if (oldest !== undefined) this.#allotments.delete(oldest);
  }
}
