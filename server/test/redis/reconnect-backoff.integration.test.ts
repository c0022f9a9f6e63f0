import { once } from "node:events";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { Redis } from "ioredis";
import { startSentinel } from "../../../testkit/redis-sentinel.ts";
import { startRedis, type TestRedis } from "../../../testkit/redis.ts";
import { until } from "../../../testkit/until.ts";
import { Link } from "../../src/ledger/redis/link.ts";
import { ReconnectBackoff } from "../../src/redis/reconnect-backoff.ts";
import { parseRedisAddress, type RedisTarget } from "../../src/redis/redis-address.ts";
import { redisClient } from "../../src/redis/redis-client.ts";

let redis: TestRedis;
beforeAll(async () => {
  redis = await startRedis();
});
afterAll(() => redis.stop());

/** A backoff that records how long it would wait, and does not wait. */
class NotedBackoff extends ReconnectBackoff {
  readonly waits: number[] = [];

  override nextMs(): number {
    this.waits.push(super.nextMs());
    return 0;
  }
}

test("waits longer each time when a connection fails after its login", async () => {
  const random = () => 0.5;
  const backoff = new NotedBackoff(random);
  const client = redisClient(parseRedisAddress(redis.url) as RedisTarget, { name: "test", random, backoff }) as Redis;
  client.on("error", () => undefined);
  await client.connect();
  for (let failures = 0; failures < 4; failures += 1) {
    const isBack = once(client, "ready");
    client.disconnect(true);
    await isBack;
  }
  expect(backoff.waits).toEqual([100, 200, 400, 800]);
  backoff.succeeded();
  client.disconnect(true);
  await once(client, "ready");
  expect(backoff.waits.at(-1)).toBe(100);
  client.disconnect();
});

test("waits longer each time when Redis refuses the ledger's scripts", async () => {
  const admin = new Redis(redis.port);
  await admin.call("ACL", "SETUSER", "unscripted", "on", ">secret", "~*", "&*", "+@all", "-@scripting");
  admin.disconnect();
  const random = () => 0.5;
  const backoff = new NotedBackoff(random);
  const target = parseRedisAddress(`redis://unscripted:secret@127.0.0.1:${redis.port}`) as RedisTarget;
  const failures = Promise.withResolvers<void>();
  const link = new Link({
    ...{ target, prefix: "backoff", deadlineMs: 30_000, now: Date.now, random, backoff },
    onReady: () => void link.run("claim", ["key", 1]).catch(() => undefined),
    onDown: () => void (backoff.waits.length >= 4 && failures.resolve()),
  });
  await failures.promise;
  link.close();
  expect(backoff.waits.slice(0, 4)).toEqual([100, 200, 400, 800]);
});

test.each(["single", "sentinel"] as const)(
  "a %s client connects again when it was cut while it connected",
  async (type) => {
    const sentinel = type === "sentinel" ? await startSentinel({ masterPort: redis.port }) : undefined;
    const url = sentinel === undefined ? redis.url : `redis+sentinel://127.0.0.1:${sentinel.port}/mymaster`;
    const connecting = () => {
      const client = redisClient(parseRedisAddress(url) as RedisTarget, { name: "test", random: Math.random }) as Redis;
      client.on("error", () => undefined);
      client.connect().catch(() => undefined);
      return client;
    };
    const [closed, cut] = [connecting(), connecting()];
    closed.disconnect();
    cut.disconnect(true);
    await until("the client to be ready", async () => cut.status === "ready", 20_000);
    expect(closed.status).toBe("end");
    cut.disconnect();
    await sentinel?.stop();
  },
);
