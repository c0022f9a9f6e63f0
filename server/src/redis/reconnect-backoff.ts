const FIRST_MS = 100;
const LONGEST_MS = 1500;

/**
 * The wait before each attempt to connect. ioredis resets its own wait at each login; this wait grows until `succeeded`
 * is called. So a server that drops clients after their login does not get many connections per second.
 */
export class ReconnectBackoff {
  readonly #random: () => number;
  #failures = 0;

  constructor(random: () => number) {
    this.#random = random;
  }

  /** The next wait. It grows from 100 to 1500 ms, and varies by up to half. */
  nextMs(): number {
    const waitMs = Math.min(FIRST_MS * 2 ** Math.min(this.#failures, 5), LONGEST_MS);
    this.#failures += 1;
    return Math.round(waitMs * (0.5 + this.#random()));
  }

  /** Call when the connection does its real work. Resets the wait. */
  succeeded(): void {
    this.#failures = 0;
  }
}
