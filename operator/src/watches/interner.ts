/** When the table has more values than this, it is emptied. Callers can still use the values that they have. */
const MAX_STRINGS = 4_096;

/**
 * Stores equal values only once. The field sets of all clusters are equal, and each consists of hundreds of small
 * objects. With 500 clusters, they would need most of the operator's memory. Never change a returned value, because
 * other objects share it.
 */
export class Interner {
  readonly #known = new Map<string, unknown>();

  /** Returns the stored value that equals this one. If there is none, stores this value and returns it. */
  one<T>(value: T): T {
    const text = JSON.stringify(value) as string | undefined;
    if (text === undefined || text.length < 16) return value;
    const found = this.#known.get(text);
    if (found !== undefined) return found as T;
    if (this.#known.size >= MAX_STRINGS) this.#known.clear();
    this.#known.set(text, value);
    return value;
  }

  /** Calls one() for each value of a map. This finds more equal values than one() for the whole map. */
  partsOf<T extends Record<string, unknown>>(value: T): T {
    return Object.fromEntries(Object.entries(value).map(([name, part]) => [name, this.one(part)])) as T;
  }
}
