export interface PendingGrant {
  isGivenUp: boolean;
}

/**
 * Requests to Redis that are not answered yet. The audit skips the seats and room entries that they change. If a socket
 * no longer wants a seat or room before Redis has granted it, it is not kept.
 */
export class InFlight {
  readonly #busy = new Map<string, number>();
  readonly #pending = new Map<string, Set<PendingGrant>>();

  isBusy(holding: string): boolean {
    return this.#busy.has(holding);
  }

  isPending(what: string): boolean {
    return this.#pending.has(what);
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

  /** Notes that a request for `what` was sent. `isGivenUp` becomes true if `giveUp` is called before `settle`. */
  begin(what: string): PendingGrant {
    const grant: PendingGrant = { isGivenUp: false };
    this.#pending.set(what, (this.#pending.get(what) ?? new Set()).add(grant));
    return grant;
  }

  settle(what: string, grant: PendingGrant): void {
    const grants = this.#pending.get(what);
    grants?.delete(grant);
    if (grants?.size === 0) this.#pending.delete(what);
  }

  giveUp(what: string): void {
    for (const grant of this.#pending.get(what) ?? []) grant.isGivenUp = true;
  }
}
