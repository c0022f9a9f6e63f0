import { setImmediate as nextTurn } from "node:timers/promises";
import { expect, test } from "@jest/globals";
import { until } from "../../../../testkit/until.ts";
import { TurnQueue } from "./turn-queue.ts";

test("leaves the rest for later turns when tasks have taken long enough", async () => {
  let nowMs = 0;
  const queue = new TurnQueue({ nowMs: () => nowMs });
  const done: number[] = [];
  for (let task = 0; task < 10; task += 1)
    queue.add(() =>
      process.nextTick(() => {
        nowMs += 9;
        done.push(task);
      }),
    );
  const perTurn: number[] = [];
  for (let before = 0; done.length < 10; before = done.length) {
    await nextTurn();
    perTurn.push(done.length - before);
  }
  expect(done).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
  expect(Math.max(...perTurn)).toBeLessThanOrEqual(6);
});

test("starts no task while it is blocked, and goes on by itself", async () => {
  let isBlocked = true;
  const queue = new TurnQueue({ nowMs: () => 0, isBlocked: () => isBlocked });
  const done: string[] = [];
  queue.add(() => done.push("first"));
  queue.add(() => done.push("second"));
  await nextTurn();
  expect(done).toEqual([]);
  isBlocked = false;
  await until("both", async () => done.length === 2, 5_000, 5);
  expect(done).toEqual(["first", "second"]);
});

test("runs the tasks after one that throws", async () => {
  const queue = new TurnQueue({ nowMs: () => 0 });
  const fails = (): void => {
    throw new Error("this task fails");
  };
  expect(() => queue.add(fails)).toThrow("this task fails");
  let isDone = false;
  queue.add(() => (isDone = true));
  await until("the second task", async () => isDone, 5_000, 5);
});
