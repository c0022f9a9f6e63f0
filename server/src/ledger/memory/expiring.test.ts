import { expect, test } from "@jest/globals";
import fc from "fast-check";
import { Expiring } from "./expiring.ts";

const steps = fc.array(fc.record({ key: fc.nat(20), ttlMs: fc.integer({ min: -5, max: 100 }), afterMs: fc.nat(30) }), {
  maxLength: 80,
});

test("keeps each value until its end when it is not full", () => {
  fc.assert(
    fc.property(steps, (sets) => {
      const expiring = new Expiring<number>(21);
      const map = new Map<string, { value: number; untilMs: number }>();
      let nowMs = 0;
      for (const [value, { key, ttlMs, afterMs }] of sets.entries()) {
        nowMs += afterMs;
        expiring.set(String(key), value, nowMs + ttlMs, nowMs);
        map.set(String(key), { value, untilMs: nowMs + ttlMs });
        for (const [known, entry] of map)
          expect(expiring.get(known, nowMs)).toBe(entry.untilMs > nowMs ? entry.value : undefined);
      }
      expect(new Map(expiring.entries(nowMs))).toEqual(
        new Map([...map].filter(([, { untilMs }]) => untilMs > nowMs).map(([key, { value }]) => [key, value])),
      );
    }),
  );
});

test("forgets expired values first, then the oldest, when it is full", () => {
  const expiring = new Expiring<string>(10);
  for (let index = 0; index < 5; index += 1) expiring.set(`brief-${index}`, "", 50, 0);
  for (let index = 0; index < 5; index += 1) expiring.set(`long-${index}`, "", 1000, 0);
  expiring.set("new", "", 1000, 60);
  expect(expiring.entries(0).map(([key]) => key)).toEqual(["long-0", "long-1", "long-2", "long-3", "long-4", "new"]);
  for (let index = 0; index < 1000; index += 1) {
    expiring.set(`flood-${index}`, "", 1000, 60);
    expect(expiring.entries(0).length).toBeLessThanOrEqual(10);
    expect(expiring.get(`flood-${index}`, 60)).toBe("");
  }
  expect(expiring.get("new", 60)).toBeUndefined();
});
