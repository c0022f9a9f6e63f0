import { afterAll, beforeAll, expect, test } from "@jest/globals";
import fc from "fast-check";
import { until } from "../../../testkit/until.ts";
import { parseRedisAddress, type RedisTarget } from "../../src/redis/redis-address.ts";
import { Link, LinkDown } from "../../src/ledger/redis/link.ts";
import { drainCapacity, takeTokens } from "../../src/ledger/token-bucket.ts";
import { Windows } from "../../src/ledger/window.ts";
import { startRedis, type TestRedis } from "../../../testkit/redis.ts";

let redis: TestRedis;
let link: Link;
const downs: string[] = [];
beforeAll(async () => {
  redis = await startRedis();
  const target = parseRedisAddress(redis.url) as RedisTarget;
  link = new Link({
    target,
    prefix: "scripts",
    deadlineMs: 10_000,
    now: Date.now,
    random: Math.random,
    onReady: () => undefined,
    onDown: (reason) => void downs.push(reason),
  });
  await until("the link", async () => link.isUp, 30_000, 5);
});
afterAll(async () => {
  link.close();
  await redis.stop();
});

test("the window in Redis grants what the one in memory grants", async () => {
  let run = 0;
  const takes = fc.array(
    fc.record({ key: fc.constantFrom("a", "b"), limit: fc.nat(12), wanted: fc.integer({ min: 1, max: 5 }) }),
    { maxLength: 30 },
  );
  await fc.assert(
    fc.asyncProperty(takes, async (steps) => {
      const windows = new Windows(600_000, 100);
      run += 1;
      for (const { key, limit, wanted } of steps) {
        const [granted, endsAfterMs] = (
          await link.run("takeWindow", [`kind-${run}`, key, limit, 600_000, wanted, 100])
        ).map(Number);
        expect(granted).toBe(windows.take(key, limit, 0, wanted).granted);
        expect(endsAfterMs).toBeGreaterThan(0);
        expect(endsAfterMs).toBeLessThanOrEqual(600_000);
      }
    }),
    { numRuns: 40 },
  );
});

test("the drain bucket in Redis gives what the one in memory gives", async () => {
  const perSecond = 50;
  const beganAtMs = performance.now();
  let granted = 0;
  await until(
    "a hundred tokens",
    async () => {
      granted += Number((await link.run("takeDrainTokens", [perSecond, drainCapacity(perSecond), 1000]))[0]);
      return granted >= 60;
    },
    30_000,
    10,
  );
  const most = drainCapacity(perSecond) + ((performance.now() - beganAtMs) * perSecond) / 1000;
  expect(granted).toBeLessThanOrEqual(most);
  const [, nextAfterMs] = await link.run("takeDrainTokens", [perSecond, drainCapacity(perSecond), 1000]);
  expect(Number(nextAfterMs)).toBeLessThanOrEqual(
    takeTokens({ tokens: 0, atMs: 0 }, perSecond, 5, { nowMs: 0, wanted: 1 }).nextAfterMs,
  );
});

test("answers arrive in the order of the requests", async () => {
  const order: number[] = [];
  await Promise.all(
    Array.from({ length: 200 }, (_, index) =>
      link
        .run(index % 3 === 0 ? "claim" : "members", index % 3 === 0 ? [`k${index}`, 1000] : ["lease", "room"])
        .then(() => order.push(index)),
    ),
  );
  expect(order).toEqual(Array.from({ length: 200 }, (_, index) => index));
});

test("rejects everything pending when a script fails, and connects again", async () => {
  const answers = await Promise.allSettled([
    link.run("takeWindow", ["kind"]),
    link.run("members", ["lease", "room"]),
    link.run("members", ["lease", "room"]),
  ]);
  expect(answers.map(({ status }) => status)).toEqual(["rejected", "rejected", "rejected"]);
  expect(answers[0]).toMatchObject({ reason: expect.any(LinkDown) });
  expect(downs).toEqual([expect.stringContaining("takeWindow failed")]);
  await expect(link.run("members", ["lease", "room"])).rejects.toBeInstanceOf(LinkDown);
  await until("the link", async () => link.isUp, 30_000, 5);
  expect(await link.run("members", ["lease", "room"])).toEqual([]);
});
