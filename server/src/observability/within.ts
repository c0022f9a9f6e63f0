import { setTimeout as sleep } from "node:timers/promises";

/** Waits for the work, but no longer than this; how it ends is of no interest. */
export async function within(ms: number, work: Promise<unknown>): Promise<void> {
  const limit = new AbortController();
  const { signal } = limit;
  await Promise.race([work, sleep(ms, undefined, { signal })].map((one) => one.catch(() => undefined)));
  limit.abort();
}
