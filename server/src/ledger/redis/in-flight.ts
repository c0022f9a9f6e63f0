export interface Wish {
  isGivenUp: boolean;
}

/**
 * What has been sent to Redis and not been answered: by holding, as inspect.ts names them, so that an audit leaves them alone;
 * and by what was asked for, so that giving up something not yet granted is not forgotten when the grant comes.
 */
export class InFlight {
  readonly #busy = new Map<string, number>();
  readonly #wanted = new Map<string, Set<Wish>>();

  isBusy(holding: string): boolean {
    return this.#busy.has(holding);
  }

  isWanted(what: string): boolean {
    return this.#wanted.has(what);
  }

  async during<T>(holdings: readonly string[], work: () => Promise<T>): Promise<T> {
    for (const holding of holdings) this.#busy.set(holding, (this.#busy.get(holding) ?? 0) + 1);
    try {
      return await work();
    } finally {
      for (const holding of holdings) {
        const left = (this.#busy.get(holding) ?? 1) - 1;
        if (left > 0) this.#busy.set(holding, left);
        else this.#busy.delete(holding);
      }
    }
  }

  /** Marks `what` as asked for until it is settled; `isGivenUp` turns true when it is given up meanwhile. */
  want(what: string): Wish {
    const wish: Wish = { isGivenUp: false };
    this.#wanted.set(what, (this.#wanted.get(what) ?? new Set()).add(wish));
    return wish;
  }

  settle(what: string, wish: Wish): void {
    const wishes = this.#wanted.get(what);
    wishes?.delete(wish);
    if (wishes?.size === 0) this.#wanted.delete(what);
  }

  giveUp(what: string): void {
    for (const wish of this.#wanted.get(what) ?? []) wish.isGivenUp = true;
  }
}
