import type { Clock } from "./clock.ts";

export interface QueueOptions {
  clock: Pick<Clock, "now">;
  random: () => number;
  /** The wait after a first failure. It doubles with each further failure of the same key. Default: 250 ms. */
  backoffMs?: number;
  /** The longest wait between two attempts. Default: 60 s. */
  maxBackoffMs?: number;
}

/**
 * A queue of keys to reconcile. It has each key at most once, and only one worker has a key at a time. If a key is
 * added while a worker has it, it waits until that worker is done. The queue uses no timers; its workers wait until a
 * key is due.
 */
export class KeyedQueue {
  /** When each key in the queue is due, in milliseconds. */
  readonly #waiting = new Map<string, number>();
  readonly #working = new Set<string>();
  readonly #failures = new Map<string, number>();
  readonly #clock: Pick<Clock, "now">;
  readonly #random: () => number;
  readonly #backoffMs: number;
  readonly #maxBackoffMs: number;
  #wake: () => void = () => undefined;

  constructor({ clock, random, backoffMs = 250, maxBackoffMs = 60_000 }: QueueOptions) {
    this.#clock = clock;
    this.#random = random;
    this.#backoffMs = backoffMs;
    this.#maxBackoffMs = maxBackoffMs;
  }

  /** How many keys are in the queue, due or not. */
  get depth(): number {
    return this.#waiting.size;
  }

  /** Sets the function that the queue calls when the time of the next due key may be earlier than before. */
  onWake(wake: () => void): void {
    this.#wake = wake;
  }

  /**
   * Adds a key that is due after this time. If the key is already in the queue, the earlier of both due times counts.
   */
  add(key: string, afterMs = 0): void {
    const dueMs = this.#clock.now() + afterMs;
    if ((this.#waiting.get(key) ?? Infinity) <= dueMs) return;
    this.#waiting.set(key, dueMs);
    this.#wake();
  }

  /**
   * Removes the key that has been due for the longest time, and returns it with this time. Undefined when no key is
   * due. When the work is done, the caller must call finish() or fail() for the key.
   */
  take(): { key: string; waitedMs: number } | undefined {
    const nowMs = this.#clock.now();
    let found: [key: string, dueMs: number] | undefined;
    for (const candidate of this.#waiting) {
      const [key, dueMs] = candidate;
      if (dueMs <= nowMs && !this.#working.has(key) && dueMs < (found?.[1] ?? Infinity)) found = candidate;
    }
    if (found === undefined) return undefined;
    const [key, dueMs] = found;
    this.#waiting.delete(key);
    this.#working.add(key);
    return { key, waitedMs: nowMs - dueMs };
  }

  /** When the next key will be due. Infinity when the queue is empty. */
  nextDueMs(): number {
    let next = Infinity;
    for (const [key, dueMs] of this.#waiting) if (dueMs < next && !this.#working.has(key)) next = dueMs;
    return next;
  }

  /** Records that the work on a key succeeded. Other workers may take the key from now on. */
  finish(key: string): void {
    this.#failures.delete(key);
    this.#release(key);
  }

  /**
   * Records that the work on a key failed. The key is due again after its backoff, but not before `atLeastMs`. A later
   * add() can make it due earlier. Returns the milliseconds until the key is due.
   */
  fail(key: string, atLeastMs = 0): number {
    const failures = this.#failures.get(key) ?? 0;
    this.#failures.set(key, failures + 1);
    // Half of the wait is random, so that keys that failed together do not retry together.
    const fullMs = Math.min(this.#maxBackoffMs, this.#backoffMs * 2 ** Math.min(failures, 20));
    const afterMs = Math.max(atLeastMs, fullMs / 2 + (this.#random() * fullMs) / 2);
    this.add(key, afterMs);
    this.#release(key);
    return afterMs;
  }

  #release(key: string): void {
    this.#working.delete(key);
    this.#wake();
  }
}
