/**
 * A map with at most `most` values. Each value expires at its own time. When the map is full, it drops expired values,
 * then the oldest values.
 */
export class Expiring<T> {
  readonly #entries = new Map<string, { value: T; untilMs: number }>();
  readonly #most: number;
  readonly #onForgotten: () => void;

  /** `onForgotten` is called for each value that is dropped before it expires. */
  constructor(most: number, onForgotten: () => void = () => undefined) {
    this.#most = most;
    this.#onForgotten = onForgotten;
  }

  set(key: string, value: T, untilMs: number, nowMs: number): void {
    this.#entries.delete(key);
    if (this.#entries.size >= this.#most) this.#makeRoom(nowMs);
    this.#entries.set(key, { value, untilMs });
  }

  /** Returns false and changes nothing if the map already has the key. */
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

  // Drop a tenth of the values at once. During a flood of keys, a scan of the whole map for each new value would be
  // slow.
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
