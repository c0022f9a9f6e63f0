/** A count in a fixed time window that begins with the first take. */
export interface Window {
  used: number;
  endsAtMs: number;
}

export interface TakeAnswer {
  window: Window;
  /** How many of the wanted tokens were granted. */
  granted: number;
  /** Milliseconds until the window ends. 0 when all wanted tokens were granted. */
  retryAfterMs: number;
}

/** Takes up to `wanted` tokens of the `limit` per `lengthMs`. Does not modify the given window. */
export function take(
  window: Window | undefined,
  limit: number,
  lengthMs: number,
  { nowMs, wanted = 1 }: { nowMs: number; wanted?: number },
): TakeAnswer {
  // If the end is further away than the length of a window, the clock was set back.
  const isOver = window === undefined || nowMs >= window.endsAtMs || window.endsAtMs - nowMs > lengthMs;
  const current = isOver ? { used: 0, endsAtMs: nowMs + lengthMs } : window;
  const granted = Math.max(0, Math.min(wanted, limit - current.used));
  return {
    window: { ...current, used: current.used + granted },
    granted,
    retryAfterMs: granted === wanted ? 0 : current.endsAtMs - nowMs,
  };
}

/** Gives `count` tokens back, even more than were taken. The next takes are then free, up to `mostFree`. */
export function giveBack(
  window: Window | undefined,
  { lengthMs, count, mostFree }: { lengthMs: number; count: number; mostFree: number },
  nowMs: number,
): Window {
  const { window: current } = take(window, 0, lengthMs, { nowMs, wanted: 0 });
  return { ...current, used: Math.max(-mostFree, current.used - count) };
}

/** A bounded map of windows. When it is full, the windows that end first are dropped. */
export class Windows {
  /** Ordered by end. All windows have the same length, so that is also the order of insertion. */
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

  /** Milliseconds until the key has a token again. Undefined while the key has one. */
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

  /** The most tokens that any one key has used in its window. */
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
