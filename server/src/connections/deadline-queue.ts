/** An item with a deadline. The queue sets both fields. */
export interface Scheduled {
  scheduledAtMs: number;
  /** The index in the queue. -1 while the item is not in the queue. */
  queueIndex: number;
}

/** A queue of deadlines. It is a binary heap, so `takeDue` visits only the items that are due. */
export class DeadlineQueue<T extends Scheduled> {
  readonly #heap: T[] = [];

  get size(): number {
    return this.#heap.length;
  }

  /**
   * Schedules an item. If the item is in the queue already, an earlier time replaces its deadline, and a later time is
   * ignored.
   */
  schedule(item: T, atMs: number): void {
    const isQueued = item.queueIndex >= 0;
    if (atMs >= (isQueued ? item.scheduledAtMs : Infinity)) return;
    item.scheduledAtMs = atMs;
    if (!isQueued) item.queueIndex = this.#heap.push(item) - 1;
    this.#rise(item);
  }

  delete(item: T): void {
    const index = item.queueIndex;
    if (index < 0) return;
    item.queueIndex = -1;
    const last = this.#heap.pop()!;
    if (last === item) return;
    this.#put(last, index);
    this.#rise(last);
    this.#sink(last);
  }

  /** Removes the items whose deadline has passed, and returns them. */
  takeDue(nowMs: number): T[] {
    const due: T[] = [];
    for (let first = this.#heap[0]; first !== undefined && first.scheduledAtMs <= nowMs; first = this.#heap[0]) {
      this.delete(first);
      due.push(first);
    }
    return due;
  }

  #put(item: T, index: number): void {
    this.#heap[index] = item;
    item.queueIndex = index;
  }

  #rise(item: T): void {
    for (let index = item.queueIndex; index > 0;) {
      const above = (index - 1) >> 1;
      const parent = this.#heap[above]!;
      if (parent.scheduledAtMs <= item.scheduledAtMs) return;
      this.#put(parent, index);
      this.#put(item, above);
      index = above;
    }
  }

  #sink(item: T): void {
    const heap = this.#heap;
    for (;;) {
      const left = 2 * item.queueIndex + 1;
      const right = left + 1;
      const isRightFirst = right < heap.length && heap[right]!.scheduledAtMs < heap[left]!.scheduledAtMs;
      const child = heap[isRightFirst ? right : left];
      if (child === undefined || child.scheduledAtMs >= item.scheduledAtMs) return;
      const index = item.queueIndex;
      this.#put(item, child.queueIndex);
      this.#put(child, index);
    }
  }
}
