import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { KeyedQueue } from "./keyed-queue.ts";

function make(random = 1) {
  const clock = { nowMs: 0, now: () => clock.nowMs };
  const queue = new KeyedQueue({ clock, random: () => random, backoffMs: 100, maxBackoffMs: 1_000 });
  return { clock, queue, key: () => queue.take()?.key };
}

test("returns a key once when it is added twice", () => {
  const { queue, key } = make();
  queue.add("a");
  queue.add("a");
  expect([key(), key()]).toEqual(["a", undefined]);
});

test("never gives a key to two workers, and returns it again when it was added during the work", () => {
  const { queue, key } = make();
  queue.add("a");
  expect(key()).toBe("a");
  queue.add("a");
  expect({ given: key(), next: queue.nextDueMs() }).toEqual({ given: undefined, next: Infinity });
  queue.finish("a");
  expect(key()).toBe("a");
});

test("returns the key that is overdue the longest, with how long it is overdue", () => {
  const { clock, queue } = make();
  queue.add("late", 50);
  queue.add("soon", 20);
  clock.nowMs = 60;
  expect([queue.take(), queue.take()]).toEqual([
    { key: "soon", waitedMs: 40 },
    { key: "late", waitedMs: 10 },
  ]);
});

test.each([
  { when: "an earlier due time replaces a later one", dates: [500, 20], wantDueMs: 20 },
  { when: "a later due time does not replace an earlier one", dates: [20, 500], wantDueMs: 20 },
  { when: "a key without a delay is due at once", dates: [500, 0, 20], wantDueMs: 0 },
])("$when", ({ dates, wantDueMs }) => {
  const { queue } = make();
  for (const date of dates) queue.add("a", date);
  expect({ due: queue.nextDueMs(), depth: queue.depth }).toEqual({ due: wantDueMs, depth: 1 });
});

describe("backoff", () => {
  const failTimes = (queue: KeyedQueue, clock: { nowMs: number }, key: string, times: number) =>
    Array.from({ length: times }, () => {
      queue.add(key);
      queue.take();
      const afterMs = queue.fail(key);
      clock.nowMs += afterMs;
      return afterMs;
    });

  test("doubles with each failure up to its bound", () => {
    const { clock, queue } = make();
    expect(failTimes(queue, clock, "a", 6)).toEqual([100, 200, 400, 800, 1_000, 1_000]);
  });

  test("is half random, so that keys that failed together do not retry together", () => {
    expect(failTimes(make(0).queue, { nowMs: 0 }, "a", 1)).toEqual([50]);
    expect(failTimes(make(0.5).queue, { nowMs: 0 }, "a", 1)).toEqual([75]);
  });

  test("is per key", () => {
    const { clock, queue } = make();
    failTimes(queue, clock, "a", 3);
    expect(failTimes(queue, clock, "b", 1)).toEqual([100]);
  });

  test("starts again after a success", () => {
    const { clock, queue } = make();
    failTimes(queue, clock, "a", 4);
    queue.take();
    queue.finish("a");
    expect(failTimes(queue, clock, "a", 1)).toEqual([100]);
  });

  test("is at least the wait the server asked for", () => {
    const { queue } = make();
    queue.add("a");
    queue.take();
    expect(queue.fail("a", 5_000)).toBe(5_000);
  });

  test("does not delay a key that is added because something changed", () => {
    const { queue, key } = make();
    queue.add("a");
    queue.take();
    queue.add("a");
    queue.fail("a");
    expect(key()).toBe("a");
  });

  test("stays finite after very many failures", () => {
    const { clock, queue } = make();
    expect(failTimes(queue, clock, "a", 2_000).at(-1)).toBe(1_000);
  });
});

/**
 * A simple implementation of the queue, to compare with. After the same random operations, both queues must give the
 * same results.
 */
class ReferenceQueue {
  nowMs = 0;
  entries: { key: string; dueMs: number }[] = [];
  working: string[] = [];

  add(key: string, afterMs: number): void {
    this.entries.push({ key, dueMs: this.nowMs + afterMs });
  }

  /** Keys that the queue may return now. */
  due(): string[] {
    const dates = new Map<string, number>();
    for (const { key, dueMs } of this.entries) dates.set(key, Math.min(dueMs, dates.get(key) ?? Infinity));
    const free = [...dates].filter(([key, dueMs]) => dueMs <= this.nowMs && !this.working.includes(key));
    const first = Math.min(...free.map(([, dueMs]) => dueMs));
    return free.filter(([, dueMs]) => dueMs === first).map(([key]) => key);
  }

  take(key: string): void {
    this.entries = this.entries.filter((entry) => entry.key !== key);
    this.working.push(key);
  }

  end(key: string): void {
    this.working = this.working.filter((other) => other !== key);
  }
}

type Step =
  { do: "add"; key: string; afterMs: number } | { do: "take" } | { do: "finish" | "fail" } | { do: "pass"; ms: number };
const keys = fc.constantFrom("a", "b", "c");
const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ do: fc.constant("add" as const), key: keys, afterMs: fc.nat(300) }),
  fc.record({ do: fc.constant("take" as const) }),
  fc.record({ do: fc.constantFrom("finish" as const, "fail" as const) }),
  fc.record({ do: fc.constant("pass" as const), ms: fc.nat(300) }),
);

test("returns the same keys as a simple reference queue for any sequence of calls", () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const { clock, queue } = make();
      const reference = new ReferenceQueue();
      for (const next of steps) {
        if (next.do === "pass") reference.nowMs = clock.nowMs += next.ms;
        if (next.do === "add") {
          queue.add(next.key, next.afterMs);
          reference.add(next.key, next.afterMs);
        }
        const [worked] = reference.working;
        if (next.do === "finish" && worked !== undefined) {
          queue.finish(worked);
          reference.end(worked);
        }
        if (next.do === "fail" && worked !== undefined) {
          reference.add(worked, queue.fail(worked));
          reference.end(worked);
        }
        if (next.do === "take") {
          const allowed = reference.due();
          const taken = queue.take()?.key;
          if (allowed.length === 0) expect(taken).toBeUndefined();
          else expect(allowed).toContain(taken);
          if (taken !== undefined) reference.take(taken);
        }
        expect(queue.depth).toBe(new Set(reference.entries.map(({ key }) => key)).size);
      }
    }),
  );
});
