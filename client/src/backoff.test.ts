import { expect, test } from "@jest/globals";
import { backoffMs } from "./backoff.ts";

test.each([
  { when: "it is the first attempt", attempt: 0, random: 1, want: 500 },
  { when: "the random number is 0", attempt: 5, random: 0, want: 0 },
  { when: "many attempts have failed", attempt: 40, random: 1, want: 30_000 },
])("waits $want ms when $when", ({ attempt, random, want }) => {
  expect(backoffMs(attempt, () => random)).toBe(want);
});

test("waits at least as long as the gateway asks", () => {
  expect(backoffMs(0, () => 0, 2_000)).toBe(2_000);
});
