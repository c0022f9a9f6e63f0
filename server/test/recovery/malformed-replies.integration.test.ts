import { expect, test } from "@jest/globals";
import { Redis } from "ioredis";
import { callApi, metricOf } from "../../../testkit/gateway/gateway-api.ts";
import type { TestClient } from "../../../testkit/gateway/gateway-client.ts";
import type { GatewayProcess } from "../../../testkit/gateway/gateway-process.ts";
import type { TestRedis } from "../../../testkit/redis.ts";
import { until } from "../../../testkit/until.ts";
import { redisProxy, type RedisProxy } from "../support/redis-proxy.ts";
import { stage } from "../support/stage.ts";

const on = stage();
const BASE = "realtime:{realtime}:";

interface Fleet {
  proxy: RedisProxy;
  /** The gateway has its own process, because it could crash. */
  gateway: GatewayProcess;
  ada: TestClient;
  redis: TestRedis;
  client: Redis;
}

async function startGateway(url: string): Promise<GatewayProcess> {
  const gateway = await on.child({ REDIS_ENABLED: "true", REDIS_URL: url, RECOVERY_WINDOW_SECONDS: "60" });
  const isReady = async () => (await callApi(gateway, "/readyz", { token: null })).status === 200;
  await until("the gateway to be ready", isReady, 30_000, 20);
  return gateway;
}

async function start(): Promise<Fleet> {
  const redis = await on.redis();
  const proxy = await redisProxy(redis);
  on.defer(() => proxy.close());
  const client = new Redis(redis.url);
  on.defer(() => client.disconnect());
  const gateway = await startGateway(proxy.url);
  const ada = await on.connect(gateway, { user: "ada" });
  await ada.ask("join_room", { room: "team" });
  await stored(ada);
  return { proxy, gateway, ada, redis, client };
}

const stored = (client: TestClient) =>
  until(
    "a message to be stored",
    async () => (await client.ask("send_message", { room: "team", message: "text" }))["stored"] === true,
    30_000,
    20,
  );

const malformed = (gateway: GatewayProcess) => metricOf(gateway, "realtime_log_malformed_total");

test("keeps running and stores messages again when answers are those of other commands", async () => {
  const { proxy, gateway, ada } = await start();
  for (const bytes of ["*0\r\n", "_\r\n", ":7\r\n", "*2\r\n:1\r\n$1\r\nx\r\n", ":-1\r\n", "$5\r\nhello\r\n"]) {
    proxy.insert(bytes);
    await stored(ada);
  }
  expect(await malformed(gateway)).toBeGreaterThan(0);
  expect(ada.disconnects).toEqual([]);
  expect(gateway.log().filter(({ level }) => Number(level) >= 50)).toEqual([]);
}, 90_000);

test("keeps running without the entries that it cannot read when another program has written into the log", async () => {
  const { gateway, ada, redis, client } = await start();
  const junk = ["not JSON", "null", "[]", '{"o":1}', '{"o":"bcdfghjk","n":-1,"t":0,"ns":"/events","r":["team"]}'];
  for (const header of junk) {
    const place = (await client.hgetBuffer(`${BASE}log-meta`, "place"))!;
    place.writeUIntBE(place.readUIntBE(0, 6) + 1, 0, 6);
    await client.multi().rpush(`${BASE}log-entries`, header, "text").hset(`${BASE}log-meta`, "place", place).exec();
  }
  for (const channel of ["late", "claims"])
    for (const message of ["", "x", `${"\0".repeat(12)}{}\n`, "a b c", "\0".repeat(2_000)])
      await client.publish(BASE + channel, message);
  await client.hset(`${BASE}log-meta`, "n:not an origin", "7", "n:origin9", "many");
  await stored(ada);
  await until("the entries to be skipped", async () => (await malformed(gateway)) >= junk.length, 10_000, 20);
  const late = await startGateway(redis.url);
  const bob = await on.connect(late, { user: "bob" });
  await bob.ask("join_room", { room: "team" });
  await stored(bob);
  await until("it to arrive", async () => ada.all("message").some(({ userId }) => userId === "bob"), 10_000, 20);
}, 90_000);

test("delivers, and stores again, when the log's keys have other types for a while", async () => {
  const { gateway, ada, client } = await start();
  const keys = ["log-entries", "log-meta", "log-chunks", "sessions"];
  for (const key of keys) {
    await client.del(BASE + key);
    await client.set(BASE + key, "text");
    expect(await ada.ask("send_message", { room: "team", message: "text" })).toMatchObject({ success: true });
    await client.del(...keys.map((name) => BASE + name));
    await stored(ada);
  }
  expect(ada.disconnects).toEqual([]);
  expect(gateway.log().filter(({ level }) => Number(level) >= 50)).toEqual([]);
}, 90_000);
