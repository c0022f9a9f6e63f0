import type { Clock } from "./clock.ts";
import type { LeaseRecord } from "./lease-store.ts";

/** Timers hold at most 24 days: wait this long for a lease that claims to last longer. */
const LONGEST_LEASE_MS = 3_600_000;

/**
 * Waits until another process's lease expires. The lease's times come from a clock that may be wrong. So it counts as
 * expired only after this process has seen it unchanged for its whole duration.
 */
export class ForeignLease {
  readonly #clock: Pick<Clock, "wait">;
  #seen: { key: string; hasRunOut: boolean; stop: AbortController } | undefined;

  constructor(clock: Pick<Clock, "wait">) {
    this.#clock = clock;
  }

  /** Whether the lease has stayed unchanged for its whole duration. A changed lease restarts the wait. */
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

  /** Stops waiting. The next lease starts a new wait. */
  forget(): void {
    this.#seen?.stop.abort();
    this.#seen = undefined;
  }
}
