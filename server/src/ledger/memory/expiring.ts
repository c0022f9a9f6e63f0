/** Values that are forgotten at a time of their own, bounded in number; the oldest go first when there are too many. */
export class Expiring<T> {
  readonly #entries = new Map<string, { value: T; untilMs: number }>();
  readonly #most: number;

  constructor(most: number) {
    this.#most = most;
  }

  set(key: string, value: T, untilMs: number, nowMs: number): void {
    this.#entries.delete(key);
    if (this.#entries.size >= this.#most) this.#makeRoom(nowMs);
    this.#entries.set(key, { value, untilMs });
  }

  get(key: string, nowMs: number): T | undefined {
    const entry = this.#entries.get(key);
    if (entry === undefined) return undefined;
    if (entry.untilMs > nowMs) return entry.value;
    this.#entries.delete(key);
    return undefined;
  }

  entries(nowMs: number): [key: string, value: T][] {
    return [...this.#entries].filter(([, { untilMs }]) => untilMs > nowMs).map(([key, { value }]) => [key, value]);
  }

  // A tenth at once: looking through all of them for each new one would be a gift to whoever floods us.
  #makeRoom(nowMs: number): void {
    for (const [key, { untilMs }] of this.#entries) if (untilMs <= nowMs) this.#entries.delete(key);
    const wanted = Math.floor(this.#most * 0.9);
    for (const key of this.#entries.keys()) {
      if (this.#entries.size <= wanted) return;
      this.#entries.delete(key);
    }
  }
}
