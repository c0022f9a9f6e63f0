import { expect, test } from "@jest/globals";
import fc from "fast-check";
import { takeAccept } from "./accept-rate.ts";

test("lets in two seconds' worth at once, and then as many as the rate allows", () => {
  let bucket = { tokens: 20, atMs: 0 };
  const take = (atMs: number): boolean => {
    const answer = takeAccept(bucket, 10, atMs);
    bucket = answer.bucket;
    return answer.allowed;
  };
  expect(Array.from({ length: 25 }, () => take(0)).filter(Boolean)).toHaveLength(20);
  expect([take(99), take(100), take(100)]).toEqual([false, true, false]);
  expect(Array.from({ length: 50 }, () => take(1_000_000)).filter(Boolean)).toHaveLength(20);
});

test("lets in no more than the rate and the saved handshakes over any time", () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 400 }), { maxLength: 200 }), (pausesMs) => {
      let bucket = { tokens: 20, atMs: 0 };
      let [atMs, allowed] = [0, 0];
      for (const pauseMs of pausesMs) {
        atMs += pauseMs;
        const answer = takeAccept(bucket, 10, atMs);
        bucket = answer.bucket;
        if (answer.allowed) allowed += 1;
      }
      return allowed <= 20 + (atMs / 1000) * 10 + 1e-6;
    }),
  );
});
