/** A set with so many places: who comes when all are taken gets the place of whoever has been there longest. */
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
