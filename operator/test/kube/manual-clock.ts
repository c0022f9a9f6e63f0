import type { Clock } from "../../src/engine/clock.ts";

/** A clock whose time passes only when a test advances it. */
export class ManualClock implements Clock {
  /** The milliseconds of each wait, in the order of the waits. */
  readonly waits: number[] = [];
  readonly #sleepers = new Set<{ dueMs: number; wake(): void }>();
  #nowMs = 1_000_000;

  now(): number {
    return this.#nowMs;
  }

  wait(ms: number, signal: AbortSignal): Promise<void> {
    this.waits.push(ms);
    return new Promise((resolve) => {
      if (signal.aborted) return resolve();
      const sleeper = {
        dueMs: this.#nowMs + ms,
        wake: () => {
          this.#sleepers.delete(sleeper);
          signal.removeEventListener("abort", sleeper.wake);
          resolve();
        },
      };
      this.#sleepers.add(sleeper);
      signal.addEventListener("abort", sleeper.wake, { once: true });
    });
  }

  /** Advances the time. Ends each wait that is due by then, in the order of their due times. */
  async advance(ms: number): Promise<void> {
    const endMs = this.#nowMs + ms;
    await idle();
    for (;;) {
      const [next] = [...this.#sleepers].filter(({ dueMs }) => dueMs <= endMs).sort((a, b) => a.dueMs - b.dueMs);
      if (next === undefined) break;
      this.#nowMs = Math.max(this.#nowMs, next.dueMs);
      next.wake();
      await idle();
    }
    this.#nowMs = endMs;
    await idle();
  }
}

/** Waits until no promise can settle any more unless time passes or input arrives. */
export async function idle(): Promise<void> {
  for (let turn = 0; turn < 3; turn++) await new Promise((resolve) => setImmediate(resolve));
}
