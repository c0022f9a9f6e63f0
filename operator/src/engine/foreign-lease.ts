import type { Clock } from "./clock.ts";
import type { LeaseRecord } from "./lease-store.ts";

/** The longest wait, if a lease claims to last longer. Timers of Node hold at most 24 days. */
const LONGEST_LEASE_MS = 3_600_000;

/**
 * Waits until another process's lease expires. The lease's times come from a clock that may be wrong. So this process
 * counts the lease as expired only after it has seen no change of it for the lease's whole duration.
 */
export class ForeignLease {
  readonly #clock: Pick<Clock, "wait">;
  #seen: { key: string; hasRunOut: boolean; stop: AbortController } | undefined;

  constructor(clock: Pick<Clock, "wait">) {
    this.#clock = clock;
  }

  /** Whether this process has seen no change of the lease for its whole duration. A change starts the wait again. */
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

  /** Stops the wait. The next lease begins a new one. */
  forget(): void {
    this.#seen?.stop.abort();
    this.#seen = undefined;
  }
}
