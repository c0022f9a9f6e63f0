import type { Clock } from "./clock.ts";
import { LeaseClaim } from "./lease-claim.ts";
import type { LeaseStore } from "./lease-store.ts";

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
 * Leader election as client-go does it, with stricter time: it is waited for and never subtracted, so that neither
 * another node's clock nor a step of our own makes two leaders. A foreign lease has run out when this process has seen
 * it unchanged for its whole duration; an own one counts from when it was asked for, because an answer may be late. One
 * instance stands again and again.
 */
export class LeaseElection {
  readonly #claim: LeaseClaim;
  readonly #clock: Clock;
  readonly #random: () => number;
  readonly #renewDeadlineMs: number;
  readonly #retryMs: number;

  constructor({
    store,
    identity,
    clock,
    random,
    durationMs = 15_000,
    renewDeadlineMs = 10_000,
    retryMs = 2_000,
    onTrouble,
  }: ElectionOptions) {
    this.#clock = clock;
    this.#random = random;
    this.#renewDeadlineMs = renewDeadlineMs;
    this.#retryMs = retryMs;
    // After one request that hangs there is time for another.
    this.#claim = new LeaseClaim({
      store,
      identity,
      clock,
      durationMs,
      answerWithinMs: renewDeadlineMs / 2,
      onTrouble,
    });
  }

  /**
   * Waits until this process leads, then runs `lead` with a signal that aborts when it leads no more. Returns when
   * `lead` has returned and the lease is given back: the caller decides whether to stand again. Returns early when
   * `signal` aborts.
   */
  async run(lead: (signal: AbortSignal) => Promise<void>, signal: AbortSignal): Promise<void> {
    const [claim, clock, retryMs] = [this.#claim, this.#clock, this.#retryMs];
    const leading = new AbortController();
    const ended = AbortSignal.any([signal, leading.signal]);
    let countdown: AbortController | undefined;
    const ask = async (): Promise<boolean> => {
      const next = this.#countdown(leading);
      const isOurs = await claim.ask(ended);
      (isOurs ? countdown : next)?.abort();
      if (isOurs) countdown = next;
      return isOurs;
    };

    while (!ended.aborted && !(await ask())) await clock.wait(retryMs * (1 + this.#random() / 5), ended);
    claim.stopWaiting();
    const work = ended.aborted ? Promise.resolve() : lead(ended).finally(() => leading.abort());
    while (!ended.aborted) {
      await clock.wait(retryMs, ended);
      if (!ended.aborted && !(await ask()) && !claim.isHeld) leading.abort();
    }
    await Promise.allSettled([work]);
    countdown?.abort();
    await claim.giveBack();
    await work;
  }

  /** Ends the leadership unless a later renewal stops it. */
  #countdown(leading: AbortController): AbortController {
    const stop = new AbortController();
    void this.#clock.wait(this.#renewDeadlineMs, stop.signal).then(() => {
      if (!stop.signal.aborted) leading.abort();
    });
    return stop;
  }
}
