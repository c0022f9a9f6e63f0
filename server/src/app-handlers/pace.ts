/** Spreads calls over time: at most this many a second, and those of one second at once. */
export class Pace {
  readonly #perSecond: () => number;
  /** When the next call would be due if no call could be made at once. */
  #dueMs = -Infinity;

  constructor(perSecond: () => number) {
    this.#perSecond = perSecond;
  }

  /** The time until this call's turn. Undefined, and no turn is taken, when it is more than `mostMs`. */
  take(nowMs: number, mostMs: number): number | undefined {
    const dueMs = Math.max(this.#dueMs, nowMs - 1_000) + 1_000 / this.#perSecond();
    const afterMs = Math.max(0, dueMs - nowMs);
    if (afterMs > mostMs) return undefined;
    this.#dueMs = dueMs;
    return afterMs;
  }
}
