/** The last entries of a list. Each entry has a number, by which a page asks for newer ones. */
export class Ring<T extends object> {
  readonly #size: number;
  readonly #entries: (T & { number: number })[] = [];
  #next = 1;

  constructor(size: number) {
    this.#size = size;
  }

  add(entry: T): T & { number: number } {
    const numbered = { ...entry, number: this.#next++ };
    this.#entries.push(numbered);
    if (this.#entries.length > this.#size) this.#entries.shift();
    return numbered;
  }

  /** The newest entry that the test accepts, among the last `most`. */
  newest(most: number, test: (entry: T) => boolean): (T & { number: number }) | undefined {
    return this.#entries.slice(-most).reverse().find(test);
  }

  get all(): readonly (T & { number: number })[] {
    return this.#entries;
  }
}
