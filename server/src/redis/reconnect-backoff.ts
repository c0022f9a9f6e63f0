const FIRST_MS = 100;
const LONGEST_MS = 1500;

/**
 * The wait before each attempt to connect. It grows until `succeeded` is called. ioredis' own wait starts again at each
 * login: if a server closed connections right after the login, ioredis would connect many times per second.
 */
export class ReconnectBackoff {
  readonly #random: () => number;
  #failures = 0;

  constructor(random: () => number) {
    this.#random = random;
  }

  /** Milliseconds to wait before the next attempt. They grow from 100 to 1500, and vary randomly by up to half. */
  nextMs(): number {
    const waitMs = Math.min(FIRST_MS * 2 ** Math.min(this.#failures, 5), LONGEST_MS);
    this.#failures += 1;
    return Math.round(waitMs * (0.5 + this.#random()));
  }

  /** Makes the next wait short again. Must be called when the connection has done its real work. */
  succeeded(): void {
    this.#failures = 0;
  }
}
