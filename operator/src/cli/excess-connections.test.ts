import { expect, test } from "@jest/globals";
import fc from "fast-check";
import { excessConnections } from "./excess-connections.ts";

test.each([
  { when: "an even fleet moves nothing", counts: [10, 10, 10], want: {} },
  { when: "a gateway within the tolerance moves nothing", counts: [104, 96], want: {} },
  { when: "the others move connections to a new gateway", counts: [300, 300, 0], want: { p0: 100, p1: 100 } },
  { when: "an empty fleet has nothing to move", counts: [0, 0], want: {} },
  { when: "a single gateway moves nothing", counts: [500], want: {} },
  { when: "one client cannot be halved", counts: [1, 0], want: {} },
  { when: "no gateway at all", counts: [], want: {} },
])("$when", ({ counts, want }) => {
  const given = excessConnections(
    counts.map((connections, index) => ({ pod: `p${index}`, connections })),
    10,
  );
  expect(Object.fromEntries(given.map(({ pod, connections }) => [pod, connections]))).toEqual(want);
});

test("no gateway moves more than its excess, and none that moves stays above the tolerance", () => {
  fc.assert(
    fc.property(
      fc.array(fc.nat(100_000), { minLength: 1, maxLength: 20 }),
      fc.integer({ min: 1, max: 100 }),
      (counts, tolerance) => {
        const mean = counts.reduce((sum, count) => sum + count, 0) / counts.length;
        const given = new Map(
          excessConnections(
            counts.map((connections, index) => ({ pod: String(index), connections })),
            tolerance,
          ).map(({ pod, connections }) => [Number(pod), connections]),
        );
        for (const [index, count] of counts.entries()) {
          const left = count - (given.get(index) ?? 0);
          expect(left).toBeLessThanOrEqual(Math.ceil(mean * (1 + tolerance / 100)));
          if (given.has(index)) expect(left).toBeGreaterThanOrEqual(Math.floor(mean));
        }
      },
    ),
  );
});
