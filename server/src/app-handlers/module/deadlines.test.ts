import { setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "@jest/globals";
import { Deadlines, LATE } from "./deadlines.ts";

test("passes on what ends in time, and is LATE for what does not, one after another", async () => {
  const deadlines = new Deadlines(30);
  const never = new Promise<string>(() => undefined);
  const first = deadlines.limit(never);
  expect(await deadlines.limit(Promise.resolve("in time"))).toBe("in time");
  await expect(deadlines.limit(Promise.reject(new Error("failed")))).rejects.toThrow("failed");
  await sleep(10);
  const second = deadlines.limit(never);
  expect(await Promise.race([first, second.then(() => "second")])).toBe(LATE);
  expect(await second).toBe(LATE);
});
