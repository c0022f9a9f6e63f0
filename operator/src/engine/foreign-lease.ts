import type { Clock } from "./clock.ts";
import type { LeaseRecord } from "./lease-store.ts";

/**
 * The longest time to wait for another process's lease, even if the lease says that it lasts longer. Timers of Node
 * cannot wait longer than 24 days.
 */
const LONGEST_LEASE_MS = 3_600_000;

/**
 * Waits until another process's lease expires. The times in the lease come from a clock that may be wrong. So this
 * process counts the lease as expired only after the lease has not changed for its whole duration.
 */
export class ForeignLease {
  readonly #clock: Pick<Clock, "wait">;
  #seen: { key: string; hasRunOut: boolean; stop: AbortController } | undefined;

  constructor(clock: Pick<Clock, "wait">) {
    this.#clock = clock;
  }

  /**
   * Whether the lease has not changed for its whole duration while this process watched it. After each change, the wait
   * starts again.
   */
  hasRunOut({ holder, renewedMs, version, durationSeconds }: LeaseRecord): boolean {
    const key = `${holder} ${renewedMs} ${version ?? ""}`;
    if (this.#seen?.key === key) return this.#seen.hasRunOut;
    this.forget();
    const seen = { key, hasRunOut: false, stop: new AbortController() };
    this.#seen = seen;
    void this.#clock
      .wait(Math.min(durationSeconds * 1000, LONGEST_LEASE_MS), seen.stop.signal)
      .then(() => (seen.hasRunOut = true));
    return false;
  }

  /** Stops the current wait. When hasRunOut() is called again, a new wait begins. */
  forget(): void {
    this.#seen?.stop.abort();
    this.#seen = undefined;
  }
}
