import { expect, test } from "@jest/globals";
import fc from "fast-check";
import { take, Windows, type Window } from "./window.ts";

test.each<{ name: string; window: Window | undefined; nowMs: number; wanted: number; want: object }>([
  {
    name: "begins with the first take",
    window: undefined,
    nowMs: 50,
    wanted: 1,
    want: { window: { used: 1, endsAtMs: 150 }, granted: 1, retryAfterMs: 0 },
  },
  {
    name: "grants the remaining tokens, and answers how long to wait",
    window: { used: 8, endsAtMs: 150 },
    nowMs: 60,
    wanted: 5,
    want: { window: { used: 10, endsAtMs: 150 }, granted: 2, retryAfterMs: 90 },
  },
  {
    name: "begins again when it is over",
    window: { used: 10, endsAtMs: 150 },
    nowMs: 150,
    wanted: 1,
    want: { window: { used: 1, endsAtMs: 250 }, granted: 1, retryAfterMs: 0 },
  },
  {
    name: "grants nothing when the limit was lowered below the used tokens",
    window: { used: 50, endsAtMs: 150 },
    nowMs: 60,
    wanted: 1,
    want: { window: { used: 50, endsAtMs: 150 }, granted: 0, retryAfterMs: 90 },
  },
  {
    name: "begins again when the clock was set back far",
    window: { used: 10, endsAtMs: 9000 },
    nowMs: 60,
    wanted: 1,
    want: { window: { used: 1, endsAtMs: 160 }, granted: 1, retryAfterMs: 0 },
  },
])("$name", ({ window, nowMs, wanted, want }) => {
  expect(take(window, 10, 100, { nowMs, wanted })).toEqual(want);
});

const steps = fc.array(
  fc.record({ key: fc.constantFrom("a", "b", "c"), afterMs: fc.nat(70), wanted: fc.integer({ min: 1, max: 5 }) }),
  { maxLength: 60 },
);

test("grants the same as a list of takes", () => {
  fc.assert(
    fc.property(steps, fc.integer({ min: 1, max: 8 }), (takes, limit) => {
      const windows = new Windows(100, 3);
      const lists = new Map<string, { beganAtMs: number; takes: number }>();
      let nowMs = 0;
      for (const { key, afterMs, wanted } of takes) {
        nowMs += afterMs;
        let list = lists.get(key);
        if (list === undefined || nowMs - list.beganAtMs >= 100)
          lists.set(key, (list = { beganAtMs: nowMs, takes: 0 }));
        let granted = 0;
        for (let index = 0; index < wanted; index += 1)
          if (list.takes < limit) granted = (list.takes += 1) && granted + 1;
        expect(windows.take(key, limit, nowMs, wanted)).toEqual({
          granted,
          retryAfterMs: granted === wanted ? 0 : list.beganAtMs + 100 - nowMs,
        });
      }
    }),
  );
});

test("forgets the window that ends first when there are too many keys", () => {
  const windows = new Windows(100, 2);
  windows.take("old", 1, 0);
  windows.take("young", 1, 50);
  windows.take("old", 1, 100);
  windows.take("third", 1, 120);
  expect(windows.take("old", 1, 130).granted).toBe(0);
  expect(windows.take("third", 1, 130).granted).toBe(0);
});
