/** A count within a window that begins with the first take. Fixed windows, because "100 a minute" has to mean exactly that. */
export interface Window {
  used: number;
  endsAtMs: number;
}

export interface TakeAnswer {
  window: Window;
  /** How many of the wanted were there. */
  granted: number;
  /** Until the window ends and there are more; 0 when everything was granted. */
  retryAfterMs: number;
}

/** Takes up to `wanted` of the `limit` per `lengthMs`. The old window is not changed. */
export function take(window: Window | undefined, limit: number, lengthMs: number, nowMs: number, wanted = 1): TakeAnswer {
  const current = window === undefined || nowMs >= window.endsAtMs ? { used: 0, endsAtMs: nowMs + lengthMs } : window;
  const granted = Math.max(0, Math.min(wanted, limit - current.used));
  return { window: { ...current, used: current.used + granted }, granted, retryAfterMs: granted === wanted ? 0 : current.endsAtMs - nowMs };
}

/** Windows by key, bounded in number: when they are too many, those that have ended go first, then the oldest. */
export class Windows {
  readonly #windows = new Map<string, Window>();
  readonly #lengthMs: number;
  readonly #most: number;

  constructor(lengthMs: number, most: number) {
    this.#lengthMs = lengthMs;
    this.#most = most;
  }

  take(key: string, limit: number, nowMs: number, wanted = 1): { granted: number; retryAfterMs: number } {
    const answer = take(this.#windows.get(key), limit, this.#lengthMs, nowMs, wanted);
    if (!this.#windows.has(key) && this.#windows.size >= this.#most) this.#makeRoom(nowMs);
    this.#windows.set(key, answer.window);
    return answer;
  }

  #makeRoom(nowMs: number): void {
    for (const [key, { endsAtMs }] of this.#windows) if (endsAtMs <= nowMs) this.#windows.delete(key);
    for (const key of this.#windows.keys()) {
      if (this.#windows.size < this.#most) return;
      this.#windows.delete(key);
    }
  }
}
