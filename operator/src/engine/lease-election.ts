import type { Clock } from "./clock.ts";

/** A lease as coordination.k8s.io has it; times in milliseconds since 1970. */
export interface LeaseRecord {
  /** "" when it was given back. */
  holder: string;
  durationSeconds: number;
  acquiredMs: number;
  renewedMs: number;
  transitions: number;
  /** Precondition of the next write; absent when there is no lease yet. */
  version?: string;
}

export interface LeaseStore {
  read: (signal: AbortSignal) => Promise<LeaseRecord | undefined>;
  /** Creates or replaces, and answers what stands then; undefined when somebody else was quicker. */
  write: (record: LeaseRecord, signal: AbortSignal) => Promise<LeaseRecord | undefined>;
}

export interface ElectionOptions {
  store: LeaseStore;
  identity: string;
  clock: Clock;
  random: () => number;
  /** How long a lease counts after its last renewal. Default 15 s. */
  durationMs?: number;
  /** A leader that could not renew for this long gives up. Below the duration: two never lead at once. Default 10 s. */
  renewDeadlineMs?: number;
  /** Between two tries. Default 2 s. */
  retryMs?: number;
  onTrouble: (error: unknown) => void;
}

/**
 * Leader election as client-go does it. Other nodes' clocks are never believed: a foreign lease counts as expired when this process
 * has seen it unchanged for the whole duration. An own lease that a former life left behind is taken over at once.
 */
export class LeaseElection {
  readonly #options: Required<ElectionOptions>;
  #seen: { key: string; atMs: number } | undefined;
  #held: LeaseRecord | undefined;

  constructor(options: ElectionOptions) {
    this.#options = { durationMs: 15_000, renewDeadlineMs: 10_000, retryMs: 2_000, ...options };
  }

  /**
   * Waits until this process leads, then runs `lead` with a signal that aborts when it leads no more. Returns when `lead` has
   * returned and the lease is given back: the caller decides whether to stand again. Returns early when `signal` aborts.
   */
  async run(lead: (signal: AbortSignal) => Promise<void>, signal: AbortSignal): Promise<void> {
    const { clock, retryMs, random } = this.#options;
    while (!signal.aborted && !(await this.#attempt(signal))) await clock.wait(retryMs * (1 + random() / 5), signal);
    if (signal.aborted) return;
    const leading = new AbortController();
    const work = lead(AbortSignal.any([signal, leading.signal]));
    const ended = work.then(
      () => leading.abort(),
      () => leading.abort(),
    );
    await this.#renew(AbortSignal.any([signal, leading.signal]));
    leading.abort();
    await ended;
    await this.#giveBack();
    await work;
  }

  async #renew(signal: AbortSignal): Promise<void> {
    const { clock, retryMs, renewDeadlineMs } = this.#options;
    let renewedMs = clock.now();
    while (!signal.aborted) {
      await clock.wait(retryMs, signal);
      if (signal.aborted) return;
      if (await this.#attempt(signal)) renewedMs = clock.now();
      else if (this.#held === undefined || clock.now() - renewedMs > renewDeadlineMs) return;
    }
  }

  /** Takes or renews the lease; false when somebody else has it or the API server cannot be reached. */
  async #attempt(signal: AbortSignal): Promise<boolean> {
    const { store, clock, onTrouble, renewDeadlineMs, retryMs } = this.#options;
    // A try that hangs must not outlast the lease.
    const limit = AbortSignal.any([signal, AbortSignal.timeout(Math.max(1000, renewDeadlineMs - retryMs))]);
    try {
      // Renewing needs no reading: the version tells whether anybody was in between.
      const renewed = this.#held === undefined ? undefined : await store.write({ ...this.#held, renewedMs: clock.now() }, limit);
      this.#held = renewed ?? (await this.#takeOver(limit));
      return this.#held !== undefined;
    } catch (error) {
      if (!signal.aborted) onTrouble(error);
      return false;
    }
  }

  async #takeOver(signal: AbortSignal): Promise<LeaseRecord | undefined> {
    const { store, clock, identity, durationMs } = this.#options;
    const found = await store.read(signal);
    const nowMs = clock.now();
    const key = found === undefined ? "none" : `${found.holder} ${found.renewedMs} ${found.version ?? ""}`;
    if (this.#seen?.key !== key) this.#seen = { key, atMs: nowMs };
    const isOurs = found?.holder === identity;
    const isFree = found === undefined || found.holder === "" || isOurs;
    if (!isFree && nowMs - this.#seen.atMs < found.durationSeconds * 1000) return undefined;
    const record: LeaseRecord = {
      holder: identity,
      durationSeconds: Math.ceil(durationMs / 1000),
      acquiredMs: isOurs ? found.acquiredMs : nowMs,
      renewedMs: nowMs,
      transitions: (found?.transitions ?? 0) + (found === undefined || isOurs ? 0 : 1),
      ...(found?.version === undefined ? {} : { version: found.version }),
    };
    return store.write(record, signal);
  }

  /** An empty holder lets the next one begin at once instead of waiting the lease out. */
  async #giveBack(): Promise<void> {
    const { store, clock, onTrouble } = this.#options;
    const limit = AbortSignal.timeout(2_000);
    try {
      if (this.#held !== undefined) await store.write({ ...this.#held, holder: "", durationSeconds: 1, renewedMs: clock.now() }, limit);
    } catch (error) {
      onTrouble(error);
    } finally {
      this.#held = undefined;
    }
  }
}
