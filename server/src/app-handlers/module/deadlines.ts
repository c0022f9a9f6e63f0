export const LATE = Symbol("late");

interface Running {
  dueMs: number;
  late: () => void;
}

/** One time limit for many promises, with one timer for all of them: most end before it fires. */
export class Deadlines {
  readonly #ms: number;
  /** In the order in which they are due, because all have the same time. */
  readonly #running = new Set<Running>();
  #timer: NodeJS.Timeout | undefined;

  constructor(ms: number) {
    this.#ms = ms;
  }

  /** Resolves to LATE when the time is over. */
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
