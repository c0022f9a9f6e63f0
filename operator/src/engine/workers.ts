import type { Clock } from "./clock.ts";
import type { KeyedQueue } from "./keyed-queue.ts";
import type { Outcome } from "./outcome.ts";

export interface WorkersOptions {
  queue: KeyedQueue;
  /** How many keys are worked on at the same time. */
  count: number;
  /** Runs one pass of a key. A thrown error counts as a failure. */
  work: (key: string, signal: AbortSignal) => Promise<Outcome>;
  /** Called after each pass, for logs and metrics. */
  onOutcome: (pass: FinishedPass) => void;
  clock: Clock;
}

/** One finished pass of a key. */
export interface FinishedPass {
  key: string;
  outcome: Outcome;
  tookMs: number;
  /** For how many milliseconds the key was due before a worker took it. */
  waitedMs: number;
  /** Milliseconds until the next pass if nothing changes. */
  nextAfterMs?: number;
}

/** Takes keys from the queue and works on them until the signal aborts. Resolves when the last pass has ended. */
export async function runWorkers(
  { queue, count, work, onOutcome, clock }: WorkersOptions,
  signal: AbortSignal,
): Promise<void> {
  const running = new Set<Promise<void>>();
  let wake = new AbortController();
  queue.onWake(() => wake.abort());
  signal.addEventListener("abort", () => wake.abort(), { once: true });

  async function runPass(key: string, waitedMs: number): Promise<void> {
    const startedMs = clock.now();
    const outcome = await work(key, signal).catch((error: unknown): Outcome => ({
      type: "failed",
      error: error instanceof Error ? error : new Error(String(error)),
    }));
    // The pass was aborted because this process stopped leading, so it has not failed. The next leader reconciles the
    // key.
    if (signal.aborted) return queue.finish(key);
    const ended = { key, outcome, tookMs: clock.now() - startedMs, waitedMs };
    switch (outcome.type) {
      case "failed":
        return onOutcome({ ...ended, nextAfterMs: queue.fail(key, outcome.afterMs) });
      case "again":
        queue.finish(key);
        queue.add(key, outcome.afterMs);
        return onOutcome({ ...ended, nextAfterMs: outcome.afterMs });
      case "stuck":
        queue.finish(key);
        if (outcome.afterMs !== undefined) queue.add(key, outcome.afterMs);
        return onOutcome(ended);
      case "gone":
      case "done":
        queue.finish(key);
        return onOutcome(ended);
    }
  }

  while (!signal.aborted) {
    wake = new AbortController();
    const taken = running.size < count ? queue.take() : undefined;
    if (taken !== undefined) {
      const one: Promise<void> = runPass(taken.key, taken.waitedMs).finally(() => {
        running.delete(one);
        wake.abort();
      });
      running.add(one);
      continue;
    }
    const untilDueMs = running.size < count ? Math.max(0, queue.nextDueMs() - clock.now()) : Infinity;
    await clock.wait(Math.min(untilDueMs, 3_600_000), wake.signal);
  }
  await Promise.all(running);
}
