import type { Clock } from "./clock.ts";
import type { LeaseRecord } from "./lease-store.ts";

/** Timers hold no more than 24 days; a lease that claims to last longer than this is waited for this long. */
const LONGEST_LEASE_MS = 3_600_000;

/**
 * Somebody else's lease, waited out. Its times are by a clock that may be wrong, so they are compared and never counted
 * with: it has run out when this process has seen it unchanged for its whole duration.
 */
export class ForeignLease {
  readonly #clock: Pick<Clock, "wait">;
  #seen: { key: string; hasRunOut: boolean; stop: AbortController } | undefined;

  constructor(clock: Pick<Clock, "wait">) {
    this.#clock = clock;
  }

  /** Whether it has stood as it does for as long as it lasts; a changed one is waited for from now on. */
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

  /** Waits no more. What is seen next is new. */
  forget(): void {
    this.#seen?.stop.abort();
    this.#seen = undefined;
  }
}
