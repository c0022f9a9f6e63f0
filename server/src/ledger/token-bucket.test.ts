import { expect, test } from "@jest/globals";
import fc from "fast-check";
import { drainCapacity, takeTokens, type TokenBucket } from "./token-bucket.ts";

test.each<{ perSecond: number; want: number }>([
  { perSecond: 1, want: 1 },
  { perSecond: 5, want: 1 },
  { perSecond: 100, want: 10 },
  { perSecond: 1000, want: 100 },
])("at $perSecond a second, $want may go at once", ({ perSecond, want }) => {
  expect(takeTokens(undefined, perSecond, drainCapacity(perSecond), { nowMs: 0, wanted: 10_000 }).granted).toBe(want);
});

const steps = fc.array(fc.record({ afterMs: fc.nat(2000), wanted: fc.nat(30) }), { maxLength: 60 });
const rates = fc.constantFrom(1, 3, 7, 10, 30, 70, 100, 330);

test("grants the same as a bucket that is filled millisecond by millisecond", () => {
  fc.assert(
    fc.property(steps, rates, (takes, perSecond) => {
      const capacity = drainCapacity(perSecond);
      let bucket: TokenBucket | undefined;
      let thousandths = capacity * 1000;
      let nowMs = 0;
      for (const { afterMs, wanted } of takes) {
        nowMs += afterMs;
        for (let ms = 0; ms < afterMs; ms += 1) thousandths = Math.min(capacity * 1000, thousandths + perSecond);
        const granted = Math.min(wanted, Math.floor(thousandths / 1000));
        thousandths -= granted * 1000;
        const answer = takeTokens(bucket, perSecond, capacity, { nowMs, wanted });
        bucket = answer.bucket;
        expect(answer.granted).toBe(granted);
      }
    }),
    { numRuns: 50 },
  );
});

test("has a token after the wait that it answers, and none a millisecond before", () => {
  fc.assert(
    fc.property(rates, fc.nat(5000), (perSecond, nowMs) => {
      const { bucket, nextAfterMs } = takeTokens(undefined, perSecond, drainCapacity(perSecond), {
        nowMs,
        wanted: 10_000,
      });
      const later = (ms: number) =>
        takeTokens(bucket, perSecond, drainCapacity(perSecond), { nowMs: nowMs + ms, wanted: 1 }).granted;
      expect([later(nextAfterMs), later(nextAfterMs - 1)]).toEqual([1, 0]);
    }),
  );
});

test("neither grants nor takes when the clock goes back", () => {
  const { bucket } = takeTokens(undefined, 100, 10, { nowMs: 1000, wanted: 4 });
  expect(takeTokens(bucket, 100, 10, { nowMs: 500, wanted: 10 }).granted).toBe(6);
});
