import type { RateAnswer } from "../ledger.ts";

/** Tokens of one window that this node took from Redis and has not spent. */
interface Allotment {
  tokens: number;
  /** Redis has no more before the window ends. */
  isExhausted: boolean;
  untilMs: number;
  /** An exhausted window is asked for again then. */
  recheckAtMs: number;
}

export interface AllotmentOptions {
  windowMs: number;
  /** Others may give tokens back, so an exhausted window is asked for again after this. Default: when it ends. */
  recheckMs?: number | undefined;
  /** Keys kept; beyond it the oldest are forgotten, with their tokens. */
  most: number;
  now: () => number;
  /** Takes a batch from the cluster's window; undefined when Redis is away. */
  takeBatch(key: string, wanted: number): Promise<{ granted: number; endsAfterMs: number } | undefined>;
  /** Decides instead when Redis is away. */
  share(key: string, nowMs: number): RateAnswer | Promise<RateAnswer>;
}

/**
 * Tokens taken from Redis in batches and spent here. Within a window Redis gives at most the limit; what a node has not
 * spent when the window ends is lost. One batch per key is requested at a time, and all that wait for it share it.
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

  /** Tokens were given back to one key, or limits have changed: an exhausted window may have tokens again. */
  reconsider(key?: string): void {
    const found = key === undefined ? this.#allotments.values() : [this.#allotments.get(key)];
    for (const allotment of found) if (allotment !== undefined) allotment.isExhausted = false;
  }

  /** The refusal of a key that is known to be exhausted; takes nothing. */
  refusal(key: string, nowMs: number): { retryAfterMs: number } | undefined {
    const allotment = this.#allotments.get(key);
    if (allotment === undefined || !isExhausted(allotment, nowMs)) return undefined;
    return { retryAfterMs: allotment.untilMs - nowMs };
  }

  #spend(key: string, nowMs: number): RateAnswer | undefined {
    const allotment = this.#allotments.get(key);
    if (allotment === undefined) return undefined;
    const leftMs = allotment.untilMs - nowMs;
    // Longer than a window: the clock was set back.
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
      // The next request asks for all that waited together and are still waiting.
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
    // Read before the request, so that the computed end is not later than the real one.
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
