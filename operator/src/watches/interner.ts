/** With more values than this, the table is cleared. Values that are in use stay valid. */
const MAX_STRINGS = 4_096;

/**
 * Stores equal values once. Field sets are equal in all clusters and consist of hundreds of small objects: with 500
 * clusters, they would need most of the operator's memory. Never change a returned value.
 */
export class Interner {
  readonly #known = new Map<string, unknown>();

  /** Returns an equal value from before, or else this value. */
  one<T>(value: T): T {
    const text = JSON.stringify(value) as string | undefined;
    if (text === undefined || text.length < 16) return value;
    const found = this.#known.get(text);
    if (found !== undefined) return found as T;
    if (this.#known.size >= MAX_STRINGS) this.#known.clear();
    this.#known.set(text, value);
    return value;
  }

  /** Does the same for each value of a map, because values are equal more often than whole maps. */
  partsOf<T extends Record<string, unknown>>(value: T): T {
    return Object.fromEntries(Object.entries(value).map(([name, part]) => [name, this.one(part)])) as T;
  }
}
