import type { Clock } from "./clock.ts";
import { deadline } from "./deadline.ts";

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

const giveBackWithinMs = 1_500;
/** Timers hold no more than 24 days; a lease that claims to last longer than this is waited for this long. */
const longestLeaseMs = 3_600_000;

/**
 * Leader election as client-go does it, with stricter time: it is waited for and never subtracted, so that neither another node's
 * clock nor a step of our own makes two leaders. A foreign lease has run out when this process has seen it unchanged for its whole
 * duration; an own one counts from when it was asked for, because an answer may be late. One instance stands again and again.
 */
export class LeaseElection {
  readonly #options: Required<ElectionOptions>;
  /** What we hold, as it stood when we were last answered. */
  #held: LeaseRecord | undefined;
  /** `renewedMs` of writes that were sent and not answered: any of them may be what stands. */
  readonly #unanswered = new Set<number>();
  /** Nothing was held in this life: a lease in our name is of a former one, and free. Later it is somebody's who has our name. */
  #isNew = true;
  /** The foreign lease that is being waited out. */
  #watched: { key: string; hasRunOut: boolean; stop: AbortController } | undefined;

  constructor(options: ElectionOptions) {
    this.#options = { durationMs: 15_000, renewDeadlineMs: 10_000, retryMs: 2_000, ...options };
  }

  /**
   * Waits until this process leads, then runs `lead` with a signal that aborts when it leads no more. Returns when `lead` has
   * returned and the lease is given back: the caller decides whether to stand again. Returns early when `signal` aborts.
   */
  async run(lead: (signal: AbortSignal) => Promise<void>, signal: AbortSignal): Promise<void> {
    const { clock, retryMs, random } = this.#options;
    const leading = new AbortController();
    const ended = AbortSignal.any([signal, leading.signal]);
    let countdown: AbortController | undefined;
    const ask = async (): Promise<boolean> => {
      const next = this.#countdown(leading);
      const isOurs = await this.#attempt(ended);
      (isOurs ? countdown : next)?.abort();
      if (isOurs) countdown = next;
      return isOurs;
    };

    while (!ended.aborted && !(await ask())) await clock.wait(retryMs * (1 + random() / 5), ended);
    this.#watched?.stop.abort();
    this.#watched = undefined;
    const work = ended.aborted ? Promise.resolve() : lead(ended).finally(() => leading.abort());
    while (!ended.aborted) {
      await clock.wait(retryMs, ended);
      if (!ended.aborted && !(await ask()) && this.#held === undefined) leading.abort();
    }
    await Promise.allSettled([work]);
    countdown?.abort();
    await this.#giveBack();
    await work;
  }

  /** Ends the leadership unless a later renewal stops it. */
  #countdown(leading: AbortController): AbortController {
    const stop = new AbortController();
    void this.#options.clock.wait(this.#options.renewDeadlineMs, stop.signal).then(() => {
      if (!stop.signal.aborted) leading.abort();
    });
    return stop;
  }

  /** Takes or renews the lease; false when somebody else has it (then nothing is held) or the store cannot be reached. */
  async #attempt(signal: AbortSignal): Promise<boolean> {
    const { clock, onTrouble, renewDeadlineMs } = this.#options;
    // After one request that hangs there is time for another.
    const limit = deadline(clock, renewDeadlineMs / 2, signal);
    try {
      // Renewing needs no reading: the version tells whether anybody was in between.
      this.#held = (this.#held && (await this.#write(this.#held, limit.signal))) ?? (await this.#takeOver(limit.signal));
      return this.#held !== undefined;
    } catch (error) {
      if (!signal.aborted) onTrouble(error);
      return false;
    } finally {
      limit.end();
    }
  }

  async #takeOver(signal: AbortSignal): Promise<LeaseRecord | undefined> {
    const { store, clock, identity, durationMs } = this.#options;
    const found = await store.read(signal);
    const isOurs = found !== undefined && this.#isOurs(found);
    if (found !== undefined && found.holder !== "" && !isOurs && !this.#hasRunOut(found)) {
      this.#unanswered.clear();
      return undefined;
    }
    const record: LeaseRecord = {
      holder: identity,
      durationSeconds: Math.ceil(durationMs / 1000),
      acquiredMs: isOurs ? found.acquiredMs : clock.now(),
      renewedMs: 0,
      transitions: (found?.transitions ?? 0) + (found === undefined || isOurs ? 0 : 1),
      ...(found?.version === undefined ? {} : { version: found.version }),
    };
    return this.#write(record, signal);
  }

  async #write(record: LeaseRecord, signal: AbortSignal): Promise<LeaseRecord | undefined> {
    const renewedMs = this.#options.clock.now();
    this.#unanswered.add(renewedMs);
    const answer = await this.#options.store.write({ ...record, renewedMs }, signal);
    if (answer === undefined) {
      this.#unanswered.delete(renewedMs);
      return undefined;
    }
    this.#unanswered.clear();
    this.#isNew = false;
    return answer;
  }

  #isOurs({ holder, renewedMs }: LeaseRecord): boolean {
    return holder === this.#options.identity && (this.#isNew || this.#unanswered.has(renewedMs));
  }

  #hasRunOut({ holder, renewedMs, version, durationSeconds }: LeaseRecord): boolean {
    const key = `${holder} ${renewedMs} ${version ?? ""}`;
    if (this.#watched?.key === key) return this.#watched.hasRunOut;
    this.#watched?.stop.abort();
    const watched = { key, hasRunOut: false, stop: new AbortController() };
    this.#watched = watched;
    void this.#options.clock.wait(Math.min(durationSeconds * 1000, longestLeaseMs), watched.stop.signal).then(() => (watched.hasRunOut = true));
    return false;
  }

  /** An empty holder lets the next one begin at once instead of waiting the lease out. */
  async #giveBack(): Promise<void> {
    const { store, clock, onTrouble } = this.#options;
    if (this.#held === undefined && this.#unanswered.size === 0) return;
    const limit = deadline(clock, giveBackWithinMs);
    const free = (record: LeaseRecord) => store.write({ ...record, holder: "", durationSeconds: 1, renewedMs: clock.now() }, limit.signal);
    try {
      if (this.#held !== undefined && (await free(this.#held)) !== undefined) return;
      // A renewal that was cut off may have been stored all the same, under a version that nobody told us.
      const found = await store.read(limit.signal);
      if (found !== undefined && this.#isOurs(found)) await free(found);
    } catch (error) {
      onTrouble(error);
    } finally {
      limit.end();
      this.#held = undefined;
      this.#unanswered.clear();
    }
  }
}
