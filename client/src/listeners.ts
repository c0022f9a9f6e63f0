/** A function that removes a listener. A second call does nothing. */
export type Off = () => void;

/** A list of functions. `emit` calls them with a value, in the order in which they were added. */
export class Listeners<T> {
  readonly #listeners = new Set<{ call: (value: T) => void }>();

  add(call: (value: T) => void): Off {
    const listener = { call };
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  emit(value: T): void {
    for (const { call } of [...this.#listeners]) call(value);
  }
}
