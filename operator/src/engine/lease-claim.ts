import type { Clock } from "./clock.ts";
import { deadline } from "./deadline.ts";
import { ForeignLease } from "./foreign-lease.ts";
import type { LeaseRecord, LeaseStore } from "./lease-store.ts";

export interface ClaimOptions {
  store: LeaseStore;
  identity: string;
  clock: Clock;
  /** How long a lease counts after its last renewal. */
  durationMs: number;
  /** A request that was not answered within this is given up. */
  answerWithinMs: number;
  onTrouble: (error: unknown) => void;
}

const GIVE_BACK_WITHIN_MS = 1_500;

/**
 * One process's claim on the lease: takes it, renews it, gives it back, and knows its own writes again though nobody
 * answered them.
 */
export class LeaseClaim {
  readonly #options: ClaimOptions;
  readonly #foreign: ForeignLease;
  /** What we hold, as it stood when we were last answered. */
  #held: LeaseRecord | undefined;
  /** `renewedMs` of writes that were sent and not answered: any of them may be what stands. */
  readonly #unanswered = new Set<number>();
  /**
   * Nothing was held in this life: a lease in our name is of a former one, and free. Later it is somebody's who has our
   * name.
   */
  #isNew = true;

  constructor(options: ClaimOptions) {
    this.#options = options;
    this.#foreign = new ForeignLease(options.clock);
  }

  /** False once somebody else was seen to have it; an unanswered renewal changes nothing. */
  get isHeld(): boolean {
    return this.#held !== undefined;
  }

  /**
   * Takes or renews the lease; false when somebody else has it (then nothing is held) or the store cannot be reached.
   */
  async ask(signal: AbortSignal): Promise<boolean> {
    const { clock, onTrouble, answerWithinMs } = this.#options;
    const limit = deadline(clock, answerWithinMs, signal);
    try {
      // Renewing needs no reading: the version tells whether anybody was in between.
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

  /** Nobody's lease is waited out any more. */
  stopWaiting(): void {
    this.#foreign.forget();
  }

  /** An empty holder lets the next one begin at once instead of waiting the lease out. */
  async giveBack(): Promise<void> {
    const { store, clock, onTrouble } = this.#options;
    if (this.#held === undefined && this.#unanswered.size === 0) return;
    const limit = deadline(clock, GIVE_BACK_WITHIN_MS);
    const free = (record: LeaseRecord) =>
      store.write({ ...record, holder: "", durationSeconds: 1, renewedMs: clock.now() }, limit.signal);
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
