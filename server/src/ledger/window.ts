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
  { nowMs, wanted = 1 }: { nowMs: number; wanted?: number },
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

/** Gives `count` back to the window, beyond what was taken: the next takes are free, up to `mostFree`. */
export function giveBack(
  window: Window | undefined,
  { lengthMs, count, mostFree }: { lengthMs: number; count: number; mostFree: number },
  nowMs: number,
): Window {
  const { window: current } = take(window, 0, lengthMs, { nowMs, wanted: 0 });
  return { ...current, used: Math.max(-mostFree, current.used - count) };
}

/** Windows by key, bounded in number: when they are too many, those that end first are forgotten. */
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
    const { window, granted, retryAfterMs } = take(this.#windows.get(key), limit, this.#lengthMs, { nowMs, wanted });
    this.#keep(key, window);
    return { granted, retryAfterMs };
  }

  giveBack(key: string, mostFree: number, nowMs: number): void {
    const options = { lengthMs: this.#lengthMs, count: 1, mostFree };
    this.#keep(key, giveBack(this.#windows.get(key), options, nowMs));
  }

  /** Until there is a token again; undefined while there is one. */
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
