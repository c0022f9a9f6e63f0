/** A set with a maximum size. Adding an item to a full set drops the oldest item. */
export class Newest<Item> extends Set<Item> {
  readonly #most: number;
  readonly #drop: (item: Item) => void;

  constructor(most: number, drop: (item: Item) => void) {
    super();
    this.#most = most;
    this.#drop = drop;
  }

  override add(item: Item): this {
    super.add(item);
    if (this.size <= this.#most) return this;
    const [oldest] = this as Iterable<Item>;
    this.delete(oldest!);
    this.#drop(oldest!);
    return this;
  }
}
