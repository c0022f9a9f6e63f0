import { setTimeout as sleep } from "node:timers/promises";

/**
 * Calls `ask` again and again until it returns a value other than undefined and false, and returns this value. Throws
 * when the deadline has passed.
 */
export async function until<T>(
  what: string,
  ask: () => Promise<T | undefined | false>,
  deadlineMs: number,
  everyMs = 100,
): Promise<T> {
  const end = Date.now() + deadlineMs;
  let cause: unknown;
  for (;;) {
    try {
      const answer = await ask();
      if (answer !== undefined && answer !== false) return answer;
    } catch (error) {
      cause = error;
    }
    if (Date.now() > end) throw new Error(`waited ${deadlineMs / 1000} s for ${what}`, { cause });
    await sleep(everyMs);
  }
}
