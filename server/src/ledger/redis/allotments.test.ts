import { expect, test } from "@jest/globals";
import fc from "fast-check";
import { take, type Window } from "../window.ts";
import { Allotments } from "./allotments.ts";

/** A model of Redis. Its answers reach the nodes in any order. */
function cluster(limit: number, windowMs: number, clock: { nowMs: number }, scheduler: fc.Scheduler) {
  const windows = new Map<string, Window>();
  let rounds = 0;
  const node = (most = 100) =>
    new Allotments({
      windowMs,
      most,
      now: () => clock.nowMs,
      async takeBatch(key, wanted) {
        rounds += 1;
        await scheduler.schedule(Promise.resolve());
        const { window, granted } = take(windows.get(key), limit, windowMs, { nowMs: clock.nowMs, wanted });
        windows.set(key, window);
        await scheduler.schedule(Promise.resolve());
        return { granted, endsAfterMs: window.endsAtMs - clock.nowMs };
      },
      share: () => ({ allowed: false, retryAfterMs: -1 }),
    });
  return { node, rounds: () => rounds };
}

test("grants the limit over all nodes in whatever order answers arrive", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.scheduler(),
      fc.integer({ min: 1, max: 30 }),
      fc.array(fc.nat(25), { minLength: 1, maxLength: 3 }),
      fc.integer({ min: 1, max: 5 }),
      async (scheduler, limit, asked, batch) => {
        const { node } = cluster(limit, 1000, { nowMs: 0 }, scheduler);
        const nodes = asked.map(() => node());
        const answers = asked.flatMap((times, at) =>
          Array.from({ length: times }, async () => nodes[at]?.take("ann", batch, 0)),
        );
        await scheduler.waitFor(Promise.all(answers));
        const allowed = (await Promise.all(answers)).filter((answer) => answer?.allowed === true).length;
        const wanted = asked.reduce((sum, one) => sum + one, 0);
        // A node can keep almost a whole batch of tokens that none of its clients uses.
        expect(allowed).toBeLessThanOrEqual(Math.min(limit, wanted));
        expect(allowed).toBeGreaterThanOrEqual(Math.min(limit - (nodes.length - 1) * (batch - 1), wanted));
      },
    ),
  );
});

test("grants the limit in each window, and no token of the window before", async () => {
  const clock = { nowMs: 0 };
  const windows: Window[] = [];
  let window: Window | undefined;
  const allotments = new Allotments({
    windowMs: 100,
    most: 10,
    now: () => clock.nowMs,
    async takeBatch(_, wanted) {
      const answer = take(window, 5, 100, { nowMs: clock.nowMs, wanted });
      window = answer.window;
      windows.push(window);
      return { granted: answer.granted, endsAfterMs: window.endsAtMs - clock.nowMs };
    },
    share: () => ({ allowed: false, retryAfterMs: -1 }),
  });
  const allowedAt: number[] = [];
  for (; clock.nowMs < 1000; clock.nowMs += 7)
    if ((await allotments.take("ann", 3, clock.nowMs)).allowed) allowedAt.push(clock.nowMs);
  const starts = [...new Set(windows.map(({ endsAtMs }) => endsAtMs - 100))];
  expect(starts.length).toBeGreaterThan(5);
  expect(starts.map((start) => allowedAt.filter((at) => at >= start && at < start + 100).length)).toEqual(
    starts.map(() => 5),
  );
});

test("serves many waiting callers of one key in a few round trips", async () => {
  const scheduler = { schedule: <T>(task: Promise<T>) => task } as fc.Scheduler;
  const { node, rounds } = cluster(10_000, 1000, { nowMs: 0 }, scheduler);
  const crowd = node();
  const answers = await Promise.all(Array.from({ length: 1000 }, async () => crowd.take("192.0.2.1", 1, 0)));
  expect(answers.every(({ allowed }) => allowed)).toBe(true);
  expect(rounds()).toBeLessThanOrEqual(3);
});

test("does not ask Redis again before the window ends when it is exhausted", async () => {
  const clock = { nowMs: 0 };
  const { node, rounds } = cluster(2, 1000, clock, { schedule: <T>(task: Promise<T>) => task } as fc.Scheduler);
  const allotments = node();
  for (let index = 0; index < 3; index += 1) await allotments.take("ann", 5, 0);
  const asked = rounds();
  clock.nowMs = 400;
  expect(allotments.take("ann", 5, 400)).toEqual({ allowed: false, retryAfterMs: 600 });
  expect(rounds()).toBe(asked);
  clock.nowMs = 1000;
  expect(await allotments.take("ann", 5, 1000)).toEqual({ allowed: true });
});

test("keeps no caller waiting when the clock was set back far", async () => {
  const clock = { nowMs: 1_000_000 };
  const { node } = cluster(1, 1000, clock, { schedule: <T>(task: Promise<T>) => task } as fc.Scheduler);
  const allotments = node();
  for (let index = 0; index < 2; index += 1) await allotments.take("ann", 1, clock.nowMs);
  clock.nowMs = 0;
  expect(await allotments.take("ann", 1, 0)).toEqual({ allowed: true });
});

test("forgets the oldest keys when there are too many", async () => {
  const { node, rounds } = cluster(10, 1000, { nowMs: 0 }, { schedule: <T>(task: Promise<T>) => task } as fc.Scheduler);
  const allotments = node(2);
  for (const key of ["a", "b", "c"]) await allotments.take(key, 2, 0);
  const asked = rounds();
  expect([allotments.take("c", 2, 0), allotments.take("b", 2, 0)]).toEqual([{ allowed: true }, { allowed: true }]);
  await allotments.take("a", 2, 0);
  expect(rounds()).toBe(asked + 1);
});
