import { expect, test } from "@jest/globals";
import { Pace } from "./pace.ts";

const turns = (pace: Pace, count: number, nowMs: number, mostMs = Infinity) =>
  Array.from({ length: count }, () => pace.take(nowMs, mostMs));

test("lets the calls of one second through at once, then one per interval", () => {
  const pace = new Pace(() => 4);
  expect(turns(pace, 6, 10_000)).toEqual([0, 0, 0, 0, 250, 500]);
  expect(turns(pace, 2, 10_500)).toEqual([250, 500]);
  expect(turns(pace, 5, 60_000)).toEqual([0, 0, 0, 0, 250]);
});

test("takes no turn for a call that would wait too long", () => {
  const pace = new Pace(() => 4);
  turns(pace, 4, 0);
  expect(turns(pace, 3, 0, 300)).toEqual([250, undefined, undefined]);
  expect(pace.take(250, 300)).toBe(250);
});
