import { setTimeout as sleep } from "node:timers/promises";

/** Waits for the work, but at most this long. Does not report whether the work fails. */
export async function within(ms: number, work: Promise<unknown>): Promise<void> {
  const limit = new AbortController();
  const { signal } = limit;
  await Promise.race([work, sleep(ms, undefined, { signal })].map((one) => one.catch(() => undefined)));
  limit.abort();
}
