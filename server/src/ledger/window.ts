/** A count in a time window of fixed length. The window begins when the first token is taken. */
export interface Window {
  used: number;
  endsAtMs: number;
}

export interface TakeAnswer {
  window: Window;
  /** How many of the wanted tokens were granted. */
  granted: number;
  /** Milliseconds until the window ends. 0 if all wanted tokens were granted. */
  retryAfterMs: number;
}

/** Takes up to `wanted` tokens. There are `limit` tokens in each window of `lengthMs`. Does not modify `window`. */
export function take(
  window: Window | undefined,
  limit: number,
  lengthMs: number,
  { nowMs, wanted = 1 }: { nowMs: number; wanted?: number },
): TakeAnswer {
  // If the window ends later than one window length from now, the clock was set back.
  const isOver = window === undefined || nowMs >= window.endsAtMs || window.endsAtMs - nowMs > lengthMs;
  const current = isOver ? { used: 0, endsAtMs: nowMs + lengthMs } : window;
  const granted = Math.max(0, Math.min(wanted, limit - current.used));
  return {
    window: { ...current, used: current.used + granted },
    granted,
    retryAfterMs: granted === wanted ? 0 : current.endsAtMs - nowMs,
  };
}

/**
 * Puts `count` tokens back into the window, even if fewer were taken. The count of used tokens can become negative,
 * down to -`mostFree`.
 */
export function giveBack(
  window: Window | undefined,
  { lengthMs, count, mostFree }: { lengthMs: number; count: number; mostFree: number },
  nowMs: number,
): Window {
  const { window: current } = take(window, 0, lengthMs, { nowMs, wanted: 0 });
  return { ...current, used: Math.max(-mostFree, current.used - count) };
}

/** A map of windows with a maximum size. When it is full, it drops the window that ends first. */
export class Windows {
  /**
   * The windows, in the order in which they end. It is the order of insertion, because all windows have the same
   * length.
   */
  readonly #windows = new Map<string, Window>();
  readonly #lengthMs: number;
  readonly #most: number;

  constructor(lengthMs: number, most: number) {
    this.#lengthMs = lengthMs;
    this.#most = most;
  }

  take(key: string, limit: number, nowMs: number, wanted = 1): { granted: number; retryAfterMs: number } {
    const { window, granted, retryAfterMs } = take(this.#windows.get(key), limit, this.#lengthMs, { nowMs, wanted });
    this.#keep(key, window);
    return { granted, retryAfterMs };
  }

  giveBack(key: string, mostFree: number, nowMs: number): void {
    const options = { lengthMs: this.#lengthMs, count: 1, mostFree };
    this.#keep(key, giveBack(this.#windows.get(key), options, nowMs));
  }

  /** Milliseconds until the key has a token again. Undefined if the key has a token now. */
  exhaustedForMs(key: string, limit: number, nowMs: number): number | undefined {
    const { retryAfterMs } = take(this.#windows.get(key), limit, this.#lengthMs, { nowMs });
    return retryAfterMs === 0 ? undefined : retryAfterMs;
  }

  #keep(key: string, window: Window): void {
    if (window.endsAtMs !== this.#windows.get(key)?.endsAtMs) {
      this.#windows.delete(key);
      if (this.#windows.size >= this.#most) this.#forgetFirst();
    }
    this.#windows.set(key, window);
  }

  /** The highest number of tokens that a single key has used in its window. */
  mostUsed(nowMs: number): number {
    let most = 0;
    for (const { used, endsAtMs } of this.#windows.values()) if (endsAtMs > nowMs && used > most) most = used;
    return most;
  }

  #forgetFirst(): void {
    const [first] = this.#windows.keys();
    if (first !== undefined) this.#windows.delete(first);
  }
}
