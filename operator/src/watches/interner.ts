/** Above this many values the table is cleared. Values in use stay valid. */
const MAX_STRINGS = 4_096;

/**
 * Stores equal values once. The field sets of a kind are equal in every cluster and have hundreds of small objects:
 * with 500 clusters they would be most of the operator's memory. Never change a returned value.
 */
export class Interner {
  readonly #known = new Map<string, unknown>();

  /** Returns an equal value that was returned before, or this value. */
  one<T>(value: T): T {
    const text = JSON.stringify(value) as string | undefined;
    if (text === undefined || text.length < 16) return value;
    const found = this.#known.get(text);
    if (found !== undefined) return found as T;
    if (this.#known.size >= MAX_STRINGS) this.#known.clear();
    this.#known.set(text, value);
    return value;
  }

  /** The same for the values of a map, which are shared more often than the whole map. */
  partsOf<T extends Record<string, unknown>>(value: T): T {
    return Object.fromEntries(Object.entries(value).map(([name, part]) => [name, this.one(part)])) as T;
  }
}
