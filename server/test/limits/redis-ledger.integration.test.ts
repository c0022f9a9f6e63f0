import { afterAll, beforeAll } from "@jest/globals";
import { pino } from "pino";
import { until } from "../../../lab/src/until.ts";
import { parseRedisAddress, type RedisTarget } from "../../src/bus/redis-address.ts";
import { ledgerSuite } from "./ledger.suite.ts";
import { redisLedger } from "../../src/limits/redis-ledger.ts";
import { startRedis, type TestRedis } from "../support/redis.ts";

let redis: TestRedis;
let made = 0;
beforeAll(async () => {
  redis = await startRedis({ password: "between us" });
});
afterAll(() => redis.stop());

ledgerSuite(async (limits) => {
  const ledger = redisLedger({ target: parseRedisAddress(redis.url) as RedisTarget, prefix: `suite-${made++}`, nodeId: "a", limits, logger: pino({ level: "silent" }), now: Date.now, random: Math.random });
  await until("the ledger to be exact", async () => ledger.state().mode === "cluster", 5000, 5);
  return ledger;
});
