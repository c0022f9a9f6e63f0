import { expect, test } from "@jest/globals";
import type { CountedLimits } from "../shares/pools.ts";
import { MemoryRates } from "../memory/memory-ledger.ts";
import { RedisRates } from "./rates.ts";

/** A node that Redis does not count, and that has just been paused: it grants nothing until it knows its share. */
function stage(settleWithinMs: number) {
  const lease = { id: "node", isExact: false, run: async () => undefined };
  const limits = { maxEventsPerMinute: 0, maxConnectionsPerAddress: 0, maxConnections: 0 } as CountedLimits;
  const rates = new RedisRates({
    ...{ lease, limits: () => limits, now: Date.now, settleWithinMs },
    share: new MemoryRates(Date.now, () => limits),
    grantedEvents: () => limits.maxEventsPerMinute,
  });
  return { limits, take: () => rates.takeEvent("ada", Date.now()) };
}

test("an event waits for the share of the limit after a pause, and is then counted against it", async () => {
  const { limits, take } = stage(60_000);
  const first = take();
  expect(first).toBeInstanceOf(Promise);
  limits.maxEventsPerMinute = 1;
  expect(await first).toEqual({ allowed: true });
  expect(await take()).toMatchObject({ allowed: false });
});

test("an event is refused, to be sent again soon, when the share is still unknown after the wait", async () => {
  const { take } = stage(1);
  expect(await take()).toEqual({ allowed: false, retryAfterMs: 1_000 });
  // The next events must not wait too: the client would not be read, and would count as dead.
  expect(take()).toEqual({ allowed: false, retryAfterMs: 1_000 });
});
