import { expect, test } from "@jest/globals";
import { idle, ManualClock } from "../../test/kube/manual-clock.ts";
import { KeyedQueue } from "./keyed-queue.ts";
import { done, type Outcome } from "./outcome.ts";
import { runWorkers, type FinishedPass } from "./workers.ts";

type Work = (key: string, signal: AbortSignal) => Promise<Outcome>;

function start(work: Work, count = 2) {
  const clock = new ManualClock();
  const queue = new KeyedQueue({ clock, random: () => 1, backoffMs: 100 });
  const stop = new AbortController();
  const passes: FinishedPass[] = [];
  const running = runWorkers({ queue, count, work, onOutcome: (pass) => passes.push(pass), clock }, stop.signal);
  return {
    clock,
    queue,
    stop,
    passes,
    running,
    outcomes: () => passes.map(({ key, outcome, nextAfterMs }) => [key, outcome.type, nextAfterMs]),
  };
}

/** Makes a work function whose passes do not end until the test ends them. */
function gated() {
  const open: { key: string; end: (outcome: Outcome) => void }[] = [];
  const work: Work = (key) => new Promise((end) => open.push({ key, end }));
  return { open, work, keys: () => open.map(({ key }) => key) };
}

test("works on as many keys at a time as there are workers, and on each key once", async () => {
  const { open, work, keys } = gated();
  const { queue, stop, running } = start(work);
  for (const key of ["a", "b", "c", "a"]) queue.add(key);
  await idle();
  queue.add("a");
  await idle();
  expect(keys()).toEqual(["a", "b"]);
  open[0]?.end(done);
  await idle();
  expect(keys()).toEqual(["a", "b", "c"]);
  for (const { end } of open) end(done);
  await idle();
  expect(keys()).toEqual(["a", "b", "c", "a"]);
  open[3]?.end(done);
  stop.abort();
  await running;
});

test.each<{ when: string; outcome: Outcome; wantNextMs: number | undefined; wantAtMs: number }>([
  {
    when: "a pass asks for another: it comes at that time",
    outcome: { type: "again", afterMs: 500, why: "" },
    wantNextMs: 500,
    wantAtMs: 500,
  },
  {
    when: "a pass failed: the next comes after the backoff",
    outcome: { type: "failed", error: new Error() },
    wantNextMs: 100,
    wantAtMs: 100,
  },
  {
    when: "a pass failed and the server asked for a longer wait: the next comes after that",
    outcome: { type: "failed", error: new Error(), afterMs: 900 },
    wantNextMs: 900,
    wantAtMs: 900,
  },
  {
    when: "a pass is stuck for a reason that no watch shows: the next comes after a while",
    outcome: { type: "stuck", reason: "R", message: "", afterMs: 700 },
    wantNextMs: undefined,
    wantAtMs: 700,
  },
])("$when", async ({ outcome, wantNextMs, wantAtMs }) => {
  let count = 0;
  const { clock, queue, passes, stop, running } = start(async () => (++count === 1 ? outcome : done));
  queue.add("a");
  await clock.advance(wantAtMs - 1);
  expect({ count, next: passes[0]?.nextAfterMs }).toEqual({ count: 1, next: wantNextMs });
  await clock.advance(1);
  expect(count).toBe(2);
  stop.abort();
  await running;
});

test.each<{ outcome: Outcome }>([{ outcome: done }, { outcome: { type: "stuck", reason: "R", message: "" } }])(
  "starts no pass after the outcome $outcome.type until the key is added",
  async ({ outcome }) => {
    let count = 0;
    const { clock, queue, stop, running } = start(async () => (count++, outcome));
    queue.add("a");
    await clock.advance(24 * 3_600_000);
    expect(count).toBe(1);
    queue.add("a");
    await idle();
    expect(count).toBe(2);
    stop.abort();
    await running;
  },
);

test("an error thrown by the work fails its key and no other", async () => {
  const { clock, queue, stop, running, outcomes } = start(async (key) => {
    if (key === "bad") throw new Error("a bug");
    return done;
  });
  queue.add("bad");
  queue.add("good");
  await idle();
  expect(outcomes()).toEqual([
    ["bad", "failed", 100],
    ["good", "done", undefined],
  ]);
  await clock.advance(100);
  expect(outcomes()).toHaveLength(3);
  stop.abort();
  await running;
});

test("an earlier due time wakes workers that wait for a later one", async () => {
  const { clock, queue, stop, running, outcomes } = start(async () => done);
  queue.add("a", 60_000);
  await clock.advance(10);
  queue.add("a", 20);
  await clock.advance(20);
  expect(outcomes()).toEqual([["a", "done", undefined]]);
  stop.abort();
  await running;
});

test("an abort ends them after the running passes, and counts those as no failure", async () => {
  const ended: string[] = [];
  const { queue, stop, running, passes } = start(
    (key, signal) =>
      new Promise((_resolve, reject) =>
        signal.addEventListener("abort", () => {
          ended.push(key);
          reject(signal.reason as Error);
        }),
      ),
  );
  for (const key of ["a", "b", "c"]) queue.add(key);
  await idle();
  stop.abort();
  await running;
  expect({ ended, passes, left: queue.take()?.key }).toEqual({ ended: ["a", "b"], passes: [], left: "c" });
});

test("an abort ends them at once when there is nothing to do", async () => {
  const { stop, running } = start(async () => done);
  await idle();
  stop.abort();
  await running;
});
