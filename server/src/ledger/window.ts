/** A count within a fixed window that begins with the first take: "100 a minute" means exactly that. */
export interface Window {
  used: number;
  endsAtMs: number;
}

export interface TakeAnswer {
  window: Window;
  /** How many of the wanted were left. */
  granted: number;
  /** Until the window ends and there are more; 0 when everything was granted. */
  retryAfterMs: number;
}

/** Takes up to `wanted` of the `limit` per `lengthMs`. The old window is not changed. */
export function take(
  window: Window | undefined,
  limit: number,
  lengthMs: number,
  nowMs: number,
  wanted = 1,
): TakeAnswer {
  // An end further away than a window is long: the clock was set back.
  const isOver = window === undefined || nowMs >= window.endsAtMs || window.endsAtMs - nowMs > lengthMs;
  const current = isOver ? { used: 0, endsAtMs: nowMs + lengthMs } : window;
  const granted = Math.max(0, Math.min(wanted, limit - current.used));
  return {
    window: { ...current, used: current.used + granted },
    granted,
    retryAfterMs: granted === wanted ? 0 : current.endsAtMs - nowMs,
  };
}

/** Windows by key, bounded in number: with too many, those that end first are forgotten. */
export class Windows {
  /** In the order in which they end, which is the order in which they began. */
  readonly #windows = new Map<string, Window>();
  readonly #lengthMs: number;
  readonly #most: number;

  constructor(lengthMs: number, most: number) {
    this.#lengthMs = lengthMs;
    this.#most = most;
  }

  take(key: string, limit: number, nowMs: number, wanted = 1): { granted: number; retryAfterMs: number } {
    const before = this.#windows.get(key);
    const { window, granted, retryAfterMs } = take(before, limit, this.#lengthMs, nowMs, wanted);
    if (window.endsAtMs !== before?.endsAtMs) {
      this.#windows.delete(key);
      if (this.#windows.size >= this.#most) this.#forgetFirst();
    }
    this.#windows.set(key, window);
    return { granted, retryAfterMs };
  }

  /** The most that one key has used of its window. */
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
