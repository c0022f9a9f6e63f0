import type { Clock } from "../../src/engine/clock.ts";

/** A clock whose time passes only when a test advances it. */
export class ManualClock implements Clock {
  /** How long each wait was, in order. */
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

  /** Advances the time, and ends each wait that is due by then, in order. */
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

/** Resolves when every promise has resolved that waits neither for time nor for input. */
export async function idle(): Promise<void> {
  for (let turn = 0; turn < 3; turn++) await new Promise((resolve) => setImmediate(resolve));
}
