import type { Clock } from "./clock.ts";
import { deadline } from "./deadline.ts";
import { ForeignLease } from "./foreign-lease.ts";
import type { LeaseRecord, LeaseStore } from "./lease-store.ts";

export interface ClaimOptions {
  store: LeaseStore;
  identity: string;
  clock: Clock;
  /** How long a lease is valid after its last renewal. */
  durationMs: number;
  /** A request that has no answer after this time is aborted. */
  answerWithinMs: number;
  onTrouble: (error: unknown) => void;
}

const GIVE_BACK_WITHIN_MS = 1_500;

/**
 * The claim of one process on the lease. It takes, renews and gives back the lease. It recognises the writes of its own
 * process even when their answers were lost.
 */
export class LeaseClaim {
  readonly #options: ClaimOptions;
  readonly #foreign: ForeignLease;
  /** The lease of this process as the store last returned it. */
  #held: LeaseRecord | undefined;
  /** `renewedMs` of each write that got no answer. The store may have stored any of these writes. */
  readonly #unanswered = new Set<number>();
  /**
   * True until this process first gets the lease. Until then, a lease with our name is from before a restart, and we
   * may take it at once. Later, a lease with our name that we did not write belongs to another process with the same
   * name.
   */
  #isNew = true;

  constructor(options: ClaimOptions) {
    this.#options = options;
    this.#foreign = new ForeignLease(options.clock);
  }

  /**
   * False when the store's answer showed that another process holds the lease. When a renewal gets no answer, this
   * value does not change.
   */
  get isHeld(): boolean {
    return this.#held !== undefined;
  }

  /** Takes or renews the lease. Returns false when another process holds it or the store cannot be reached. */
  async ask(signal: AbortSignal): Promise<boolean> {
    const { clock, onTrouble, answerWithinMs } = this.#options;
    const limit = deadline(clock, answerWithinMs, signal);
    try {
      // A renewal reads nothing before it writes. If another process has written in the meantime, the version differs,
      // and the store refuses the write.
      this.#held =
        (this.#held && (await this.#write(this.#held, limit.signal))) ?? (await this.#takeOver(limit.signal));
      return this.isHeld;
    } catch (error) {
      if (!signal.aborted) onTrouble(error);
      return false;
    } finally {
      limit.end();
    }
  }

  /** Stops waiting for another process's lease to expire. */
  stopWaiting(): void {
    this.#foreign.forget();
  }

  /** Gives the lease back: writes an empty holder, so that the next leader need not wait until the lease expires. */
  async giveBack(): Promise<void> {
    const { store, clock, onTrouble } = this.#options;
    if (this.#held === undefined && this.#unanswered.size === 0) return;
    const limit = deadline(clock, GIVE_BACK_WITHIN_MS);
    const free = (record: LeaseRecord) =>
      store.write({ ...record, holder: "", durationSeconds: 1, renewedMs: clock.now() }, limit.signal);
    try {
      if (this.#held !== undefined && (await free(this.#held)) !== undefined) return;
      // The version may differ, because the store may have stored one of our renewals that got no answer. So read the
      // lease to learn its version.
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

  async #takeOver(signal: AbortSignal): Promise<LeaseRecord | undefined> {
    const { store, clock, identity, durationMs } = this.#options;
    const found = await store.read(signal);
    const isOurs = found !== undefined && this.#isOurs(found);
    if (found !== undefined && !isOurs && this.#isHeldByAnother(found)) {
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

  #isHeldByAnother(found: LeaseRecord): boolean {
    return found.holder !== "" && !this.#foreign.hasRunOut(found);
  }

  #isOurs({ holder, renewedMs }: LeaseRecord): boolean {
    return holder === this.#options.identity && (this.#isNew || this.#unanswered.has(renewedMs));
  }
}
