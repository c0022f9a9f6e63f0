/** Values that are forgotten at a time of their own, bounded in number; the oldest go first when there are too many. */
export class Expiring<T> {
  readonly #entries = new Map<string, { value: T; untilMs: number }>();
  readonly #most: number;

  constructor(most: number) {
    this.#most = most;
  }

  set(key: string, value: T, untilMs: number, nowMs: number): void {
    if (this.#entries.size >= this.#most) {
      for (const [old, entry] of this.#entries) if (entry.untilMs <= nowMs) this.#entries.delete(old);
      for (const old of this.#entries.keys()) {
        if (this.#entries.size < this.#most) break;
        this.#entries.delete(old);
      }
    }
    this.#entries.set(key, { value, untilMs });
  }

  get(key: string, nowMs: number): T | undefined {
    const entry = this.#entries.get(key);
    if (entry === undefined) return undefined;
    if (entry.untilMs > nowMs) return entry.value;
    this.#entries.delete(key);
    return undefined;
  }
}
