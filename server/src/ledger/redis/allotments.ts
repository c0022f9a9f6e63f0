import type { RateAnswer } from "../ledger.ts";

/** Tokens of a rate limit's window that this node has taken from Redis. `tokens` is the number that is not used yet. */
interface Allotment {
  tokens: number;
  /** True if Redis has no tokens left in this window. */
  isExhausted: boolean;
  untilMs: number;
  /** When to ask Redis again although the window is exhausted. */
  recheckAtMs: number;
}

export interface AllotmentOptions {
  windowMs: number;
  /**
   * Ask Redis again about an exhausted window after this time, because tokens can be put back into it. Default: when
   * the window ends.
   */
  recheckMs?: number | undefined;
  /** Maximum number of keys. At the maximum, the oldest key is dropped, with its tokens. */
  most: number;
  now: () => number;
  /**
   * Takes a batch of tokens from the window of a rate limit, which all nodes share in Redis. Undefined if Redis cannot
   * be used.
   */
  takeBatch(key: string, wanted: number): Promise<{ granted: number; endsAfterMs: number } | undefined>;
  /** Decides by this node's share of the limit when Redis cannot be used. */
  share(key: string, nowMs: number): RateAnswer | Promise<RateAnswer>;
}

/**
 * Rate limits with tokens that this node takes from Redis in batches, so that not every event waits for Redis. Redis
 * never grants more tokens than the limit in a window. Unused tokens expire with the window.
 * For each key, the node requests one batch at a time, and all callers that wait share it.
 */
export class Allotments {
  readonly #options: AllotmentOptions;
  readonly #allotments = new Map<string, Allotment>();
  readonly #fetching = new Map<string, { isFilled: Promise<boolean>; waiting: number }>();

  constructor(options: AllotmentOptions) {
    this.#options = options;
  }

  take(key: string, batch: number, nowMs: number): RateAnswer | Promise<RateAnswer> {
    return this.#spend(key, nowMs) ?? this.#fetchAndSpend(key, batch);
  }

  /**
   * Forgets that windows are exhausted. Must be called after tokens were put back into a key's window, or after limits
   * changed: the window can have tokens again.
   */
  reconsider(key?: string): void {
    const found = key === undefined ? this.#allotments.values() : [this.#allotments.get(key)];
    for (const allotment of found) if (allotment !== undefined) allotment.isExhausted = false;
  }

  /** Returns a refusal if the key's window is known to be exhausted. Takes no token. */
  refusal(key: string, nowMs: number): { retryAfterMs: number } | undefined {
    const allotment = this.#allotments.get(key);
    if (allotment === undefined || !isExhausted(allotment, nowMs)) return undefined;
    return { retryAfterMs: allotment.untilMs - nowMs };
  }

  #spend(key: string, nowMs: number): RateAnswer | undefined {
    const allotment = this.#allotments.get(key);
    if (allotment === undefined) return undefined;
    const leftMs = allotment.untilMs - nowMs;
    // If more time is left than a window has, this node's clock was set back.
    if (leftMs <= 0 || leftMs > this.#options.windowMs) {
      this.#allotments.delete(key);
      return undefined;
    }
    if (allotment.tokens > 0) {
      allotment.tokens -= 1;
      return { allowed: true };
    }
    return isExhausted(allotment, nowMs) ? { allowed: false, retryAfterMs: leftMs } : undefined;
  }

  async #fetchAndSpend(key: string, batch: number): Promise<RateAnswer> {
    let waited = 0;
    for (;;) {
      // Request enough tokens for all callers that got none from the last batch.
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
    // Read the clock before the request. So the computed end of the window is never later than the real end in Redis.
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
      recheckAtMs: askedAtMs + (this.#options.recheckMs ?? Infinity),
    });
    return true;
  }

  #forgetOldest(): void {
    const [oldest] = this.#allotments.keys();
    if (oldest !== undefined) this.#allotments.delete(oldest);
  }
}

function isExhausted({ isExhausted: wasExhausted, tokens, untilMs, recheckAtMs }: Allotment, nowMs: number): boolean {
  return wasExhausted && tokens === 0 && nowMs < untilMs && nowMs < recheckAtMs;
}
