/** Beyond this the values are forgotten, not dropped: those in use stay as they are. */
const most = 4_096;

/**
 * Holds equal values once. Field sets of one kind are the same in every cluster, and each is some hundred small objects: with 500
 * clusters they would be most of the operator's memory. What was given out must not be changed afterwards.
 */
export class Interner {
  readonly #known = new Map<string, unknown>();

  /** An equal value that was given out before, or this one. */
  one<T>(value: T): T {
    const text = JSON.stringify(value) as string | undefined;
    if (text === undefined || text.length < 16) return value;
    const found = this.#known.get(text);
    if (found !== undefined) return found as T;
    if (this.#known.size >= most) this.#known.clear();
    this.#known.set(text, value);
    return value;
  }

  /** The same for a map whose parts are shared more often than the whole. */
  partsOf<T extends Record<string, unknown>>(value: T): T {
    return Object.fromEntries(Object.entries(value).map(([name, part]) => [name, this.one(part)])) as T;
  }
}
