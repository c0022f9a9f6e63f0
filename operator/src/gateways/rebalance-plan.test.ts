import { expect, test } from "@jest/globals";
import fc from "fast-check";
import { rebalancePlan, type Load, type RebalancePlan } from "./rebalance-plan.ts";

const loadsOf = (counts: readonly number[]): Load[] =>
  counts.map((connections, index) => ({ pod: `p${index}`, connections }));

/**
 * The connections of each gateway after the plan was carried out. The load balancer gives each moved client to the next
 * open gateway in turn.
 */
function after(loads: readonly Load[], { gives, caps, total }: RebalancePlan): number[] {
  const counts = new Map(loads.map(({ pod, connections }) => [pod, connections]));
  for (const { pod, connections } of gives) counts.set(pod, counts.get(pod)! - connections);
  const givers = new Set(gives.map(({ pod }) => pod));
  const shares = new Map(caps.map(({ pod, share }) => [pod, share]));
  const isOpen = (pod: string): boolean => !givers.has(pod) && counts.get(pod)! < (shares.get(pod) ?? Infinity);
  let next = 0;
  for (let left = total; left > 0; left -= 1) {
    while (!isOpen(loads[next % loads.length]!.pod)) next += 1;
    const { pod } = loads[next % loads.length]!;
    counts.set(pod, counts.get(pod)! + 1);
    next += 1;
  }
  return [...counts.values()];
}

test.each([
  { when: "an even fleet moves nothing", counts: [10, 10, 10], want: undefined },
  { when: "gateways within the tolerance move nothing", counts: [104, 96], want: undefined },
  { when: "an empty fleet has nothing to move", counts: [0, 0], want: undefined },
  { when: "a single gateway moves nothing", counts: [500], want: undefined },
  { when: "one client cannot be halved", counts: [1, 0], want: undefined },
  { when: "no gateway at all", counts: [], want: undefined },
  { when: "the others move connections to a new gateway", counts: [300, 300, 0], want: { p0: 100, p1: 100 } },
  {
    when: "a new gateway gets its part from gateways within the tolerance",
    counts: Array(19).fill(100).concat(0),
    want: Object.fromEntries(Array.from({ length: 19 }, (_, index) => [`p${index}`, 5])),
  },
])("$when", ({ counts, want }) => {
  const plan = rebalancePlan(loadsOf(counts), 10);
  expect(plan && Object.fromEntries(plan.gives.map(({ pod, connections }) => [pod, connections]))).toEqual(want);
});

test("a gateway that needs little closes when it has enough", () => {
  expect(rebalancePlan(loadsOf([100, 100, 100, 60, 0]), 10)).toEqual({
    gives: ["p0", "p1", "p2"].map((pod) => ({ pod, connections: 28 })),
    caps: [{ pod: "p3", share: 72 }],
    total: 84,
  });
});

test.each([
  [3, 1],
  [3, 3],
  [9, 1],
  [10, 2],
  [19, 1],
])("%i gateways and %i new ones are even after one round of as many moves as needed", (old, added) => {
  const all = 60_000;
  const even = Array.from({ length: old }, (_, index) => Math.floor(all / old) + (index < all % old ? 1 : 0));
  const loads = loadsOf([...even, ...Array<number>(added).fill(0)]);
  const plan = rebalancePlan(loads, 10)!;
  expect(plan.total).toBe(added * Math.floor(all / (old + added)));
  expect(rebalancePlan(loadsOf(after(loads, plan)), 1)).toBeUndefined();
});

test("any fleet is even after one round, which moves no more than needed and empties no gateway", () => {
  fc.assert(
    fc.property(
      fc.array(fc.nat(2_000), { minLength: 1, maxLength: 20 }),
      fc.integer({ min: 1, max: 100 }),
      (counts, tolerance) => {
        const loads = loadsOf(counts);
        const plan = rebalancePlan(loads, tolerance);
        if (plan === undefined) return;
        const result = after(loads, plan);
        const mean = counts.reduce((sum, count) => sum + count, 0) / counts.length;
        expect(Math.max(...result)).toBeLessThanOrEqual(Math.ceil(mean));
        expect(Math.min(...result)).toBeGreaterThanOrEqual(Math.floor(mean));
        const needed = counts.reduce((sum, count) => sum + Math.max(0, Math.floor(mean) - count), 0);
        expect(plan.total).toBeGreaterThanOrEqual(needed);
        expect(plan.total).toBeLessThanOrEqual(needed + counts.length);
      },
    ),
  );
});
