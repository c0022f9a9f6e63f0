const FIRST_MS = 100;
const LONGEST_MS = 1500;

/**
 * The wait before each attempt to connect. ioredis starts over at each login; this one grows until `succeeded` is
 * called, so that a server which drops its clients after their login is not asked many times a second.
 */
export class ReconnectBackoff {
  readonly #random: () => number;
  #failures = 0;

  constructor(random: () => number) {
    this.#random = random;
  }

  /** Grows from 100 to 1500 ms, give or take a half. */
  nextMs(): number {
    const waitMs = Math.min(FIRST_MS * 2 ** Math.min(this.#failures, 5), LONGEST_MS);
    this.#failures += 1;
    return Math.round(waitMs * (0.5 + this.#random()));
  }

  /** The connection does what it is for. */
  succeeded(): void {
    this.#failures = 0;
  }
}
