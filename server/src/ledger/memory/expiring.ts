/** A map of at most `most` values that expire. A full map first drops expired values, then the oldest. */
export class Expiring<T> {
  readonly #entries = new Map<string, { value: T; untilMs: number }>();
  readonly #most: number;
  readonly #onForgotten: () => void;

  /** `onForgotten` is called when a value is dropped before it expires. */
  constructor(most: number, onForgotten: () => void = () => undefined) {
    this.#most = most;
    this.#onForgotten = onForgotten;
  }

  set(key: string, value: T, untilMs: number, nowMs: number): void {
    this.#entries.delete(key);
    if (this.#entries.size >= this.#most) this.#makeRoom(nowMs);
    this.#entries.set(key, { value, untilMs });
  }

  /** Returns false and changes nothing when the map has the key already. */
  add(key: string, value: T, untilMs: number, nowMs: number): boolean {
    if (this.get(key, nowMs) !== undefined) return false;
    this.set(key, value, untilMs, nowMs);
    return true;
  }

  delete(key: string): void {
    this.#entries.delete(key);
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

  // Drop a tenth at once. A scan of all entries for every new entry would be slow during a flood.
  #makeRoom(nowMs: number): void {
    for (const [key, { untilMs }] of this.#entries) if (untilMs <= nowMs) this.#entries.delete(key);
    const wanted = Math.floor(this.#most * 0.9);
    for (const key of this.#entries.keys()) {
      if (this.#entries.size <= wanted) return;
      this.#entries.delete(key);
      this.#onForgotten();
    }
  }
}
