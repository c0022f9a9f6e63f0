import { expect, test } from "@jest/globals";
import { DeadlineQueue, type Scheduled } from "./deadline-queue.ts";

const item = (): Scheduled => ({ scheduledAtMs: Infinity, queueIndex: -1 });

test("returns the due items in the order of their times, each once", () => {
  const queue = new DeadlineQueue();
  const [late, soon, now] = [item(), item(), item()];
  queue.schedule(late, 30);
  queue.schedule(soon, 20);
  queue.schedule(now, 10);
  expect(queue.takeDue(9)).toEqual([]);
  expect(queue.takeDue(20)).toEqual([now, soon]);
  expect(queue.takeDue(30)).toEqual([late]);
  expect(queue.size).toBe(0);
});

test("moves an item to an earlier time, and ignores a later one", () => {
  const queue = new DeadlineQueue();
  const moved = item();
  queue.schedule(moved, 20);
  queue.schedule(moved, 30);
  expect(queue.takeDue(20)).toEqual([moved]);
  queue.schedule(moved, 40);
  queue.schedule(moved, 25);
  expect(queue.takeDue(25)).toEqual([moved]);
  expect(queue.takeDue(1_000)).toEqual([]);
});

test("does not keep items without a time or deleted items", () => {
  const queue = new DeadlineQueue();
  const [never, gone] = [item(), item()];
  queue.schedule(never, Infinity);
  queue.schedule(gone, 1);
  queue.delete(gone);
  queue.delete(gone);
  queue.delete(never);
  expect(queue.size).toBe(0);
});

test("agrees with a sorted list under random changes", () => {
  let seed = 7;
  const random = (most: number): number => (seed = (seed * 48_271) % 2_147_483_647) % most;
  const queue = new DeadlineQueue();
  const items = Array.from({ length: 60 }, item);
  const times = new Map<Scheduled, number>();
  for (let step = 0; step < 20_000; step += 1) {
    const one = items[random(items.length)]!;
    const action = random(10);
    if (action < 7) {
      const atMs = random(1_000);
      queue.schedule(one, atMs);
      times.set(one, Math.min(atMs, times.get(one) ?? Infinity));
    } else if (action < 9) {
      queue.delete(one);
      times.delete(one);
    } else {
      const nowMs = random(300);
      const due = queue.takeDue(nowMs).map(({ scheduledAtMs }) => scheduledAtMs);
      const wanted = [...times].filter(([, atMs]) => atMs <= nowMs);
      expect(due).toEqual(wanted.map(([, atMs]) => atMs).sort((a, b) => a - b));
      for (const [each] of wanted) times.delete(each);
    }
    expect(queue.size).toBe(times.size);
  }
});
