/** Limits calls to a number per second. Calls can use the allowance of one second at once; further calls must wait. */
export class Pace {
  readonly #perSecond: () => number;
  /** The time at which the allowance of all calls so far is used up at the steady rate. */
  #dueMs = -Infinity;

  constructor(perSecond: () => number) {
    this.#perSecond = perSecond;
  }

  /**
   * Milliseconds until this call is allowed. Undefined if it would have to wait longer than `mostMs`; it then uses no
   * allowance.
   */
  take(nowMs: number, mostMs: number): number | undefined {
    const dueMs = Math.max(this.#dueMs, nowMs - 1_000) + 1_000 / this.#perSecond();
    const afterMs = Math.max(0, dueMs - nowMs);
    if (afterMs > mostMs) return undefined;
    this.#dueMs = dueMs;
    return afterMs;
  }
}
