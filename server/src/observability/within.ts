import { setTimeout as sleep } from "node:timers/promises";

/** Waits until the work ends, but not longer than this. Does not report whether the work has failed. */
export async function within(ms: number, work: Promise<unknown>): Promise<void> {
  const limit = new AbortController();
  const { signal } = limit;
  await Promise.race([work, sleep(ms, undefined, { signal })].map((one) => one.catch(() => undefined)));
  limit.abort();
}
