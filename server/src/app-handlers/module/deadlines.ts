export const LATE = Symbol("late");

interface Running {
  dueMs: number;
  late: () => void;
}

/**
 * The same time limit for many promises. One timer serves all of them, because most promises are settled before the
 * limit.
 */
export class Deadlines {
  readonly #ms: number;
  /**
   * The promises that are not settled yet, in the order of their time limits. It is the order of insertion, because all
   * limits have the same length.
   */
  readonly #running = new Set<Running>();
  #timer: NodeJS.Timeout | undefined;

  constructor(ms: number) {
    this.#ms = ms;
  }

  /** Resolves as `work` does, or to LATE after the time limit. */
  limit<T>(work: Promise<T>): Promise<T | typeof LATE> {
    return new Promise((resolve, reject) => {
      const running = { dueMs: performance.now() + this.#ms, late: () => resolve(LATE) };
      this.#running.add(running);
      this.#timer ??= setTimeout(() => this.#look(), this.#ms);
      work.then(
        (value) => {
          this.#running.delete(running);
          resolve(value);
        },
        (error: Error) => {
          this.#running.delete(running);
          reject(error);
        },
      );
    });
  }

  #look(): void {
    this.#timer = undefined;
    const nowMs = performance.now();
    for (const running of this.#running) {
      if (running.dueMs > nowMs) {
        this.#timer = setTimeout(() => this.#look(), Math.ceil(running.dueMs - nowMs));
        return;
      }
      this.#running.delete(running);
      running.late();
    }
  }
}
