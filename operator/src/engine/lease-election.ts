import type { Clock } from "./clock.ts";
import { LeaseClaim } from "./lease-claim.ts";
import type { LeaseStore } from "./lease-store.ts";

export interface ElectionOptions {
  store: LeaseStore;
  identity: string;
  clock: Clock;
  random: () => number;
  /** How long a lease is valid after its last renewal. Default: 15 s. */
  durationMs?: number;
  /**
   * A leader that could not renew the lease for this long stops leading. It must be shorter than the lease's duration,
   * or two processes could lead at the same time. Default: 10 s.
   */
  renewDeadlineMs?: number;
  /** Time between two attempts to take or to renew the lease. Default: 2 s. */
  retryMs?: number;
  onTrouble: (error: unknown) => void;
}

/**
 * Leader election as in client-go, but it never compares times of different clocks. Another process's lease counts as
 * expired when this process has seen it unchanged for the lease's whole duration. Our own lease is valid from the
 * moment when we sent its last renewal.
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
    // The time limit of one request is half of the renewal deadline. If the first request gets no answer, a second one
    // has time.
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
   * Waits until this process leads. Then runs `lead` with a signal that aborts when the process stops leading. Returns
   * after `lead` has returned and the lease is given back. Returns without leading when `signal` aborts first. May be
   * called again.
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

  /**
   * Starts a countdown to the renewal deadline, at which the leadership ends. A successful renewal stops this countdown
   * and starts a new one.
   */
  #countdown(leading: AbortController): AbortController {
    const stop = new AbortController();
    void this.#clock.wait(this.#renewDeadlineMs, stop.signal).then(() => {
      if (!stop.signal.aborted) leading.abort();
    });
    return stop;
  }
}
