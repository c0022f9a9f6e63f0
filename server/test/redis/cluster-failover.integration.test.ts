import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import type { Cluster } from "ioredis";
import { callApi } from "../../../testkit/gateway/gateway-api.ts";
import type { TestClient } from "../../../testkit/gateway/gateway-client.ts";
import { startRedisCluster, type TestRedisCluster } from "./redis-cluster.ts";
import { until } from "../../../testkit/until.ts";
import { parseRedisAddress, type RedisTarget } from "../../src/redis/redis-address.ts";
import { redisClient } from "../../src/redis/redis-client.ts";
import { stage } from "../support/stage.ts";

const on = stage();
const DEADLINE_MS = 60_000;

test("two gateways stay one cluster while each primary of a Redis Cluster fails in turn", async () => {
  const redis = await startRedisCluster();
  on.defer(() => redis.stop());
  const env = { REDIS_ENABLED: "true", REDIS_URL: redis.url, WS_MAX_GLOBAL_CONNECTIONS: "3" };
  const gateways = [await on.gateway(env), await on.gateway(env)];
  const isExact = async () => gateways.every(({ ledger }) => ledger.state().exactness.isExact);
  const isHealthy = async (): Promise<boolean> => {
    const answers = await Promise.all(gateways.map((gateway) => callApi(gateway, "/api/websocket/health")));
    return answers.every(({ body }) => (body as { status: string }).status === "ok");
  };
  await until("exact limits", isExact, DEADLINE_MS);
  const clients = [
    await on.connect(gateways[0]!, { user: "ada" }),
    await on.connect(gateways[1]!, { user: "bob" }),
    await on.connect(gateways[1]!, { user: "eve" }),
  ];
  for (const client of clients) await client.ask("join_room", { room: "team" });

  for (let shard = 0; shard < redis.shards; shard += 1) {
    await redis.failOver(shard);
    await until("the gateways to use the new primary", async () => (await isHealthy()) && isExact(), DEADLINE_MS);
    await expectCrossing(clients, `after ${shard}`);
    const counts = () => gateways.map(({ ledger }) => ledger.state().connections);
    await until("every connection to be counted", async () => counts().join() === "3,3", DEADLINE_MS);
    await on.turnedAway(gateways[0]!, "GLOBAL_LIMIT_EXCEEDED", { user: "late" });
  }
  expect(clients.map(({ socket, disconnects }) => [socket.connected, disconnects])).toEqual([
    [true, []],
    [true, []],
    [true, []],
  ]);
}, 300_000);

describe("a client connects again", () => {
  let redis: TestRedisCluster;
  beforeAll(async () => {
    redis = await startRedisCluster();
  }, 120_000);
  afterAll(() => redis.stop());

  test.each([
    {
      when: "a command was redirected while it disconnected",
      disturb: (client: Cluster) => {
        client.disconnect(true);
        // What ioredis does when the answer MOVED arrives now.
        poolOf(client).findOrCreate({ host: "127.0.0.1", port: Number(/:(\d+)$/.exec(redis.url)![1]) });
      },
    },
    {
      when: "the last node of its old connections ended while it connected",
      disturb: (client: Cluster) => {
        client.once("connecting", () => poolOf(client).emit("drain"));
        client.disconnect(true);
      },
    },
    {
      when: "it was cut while it connected",
      disturb: (client: Cluster) => {
        client.once("connecting", () => client.disconnect(true));
        client.disconnect(true);
      },
    },
  ])(
    "when $when",
    async ({ disturb }) => {
      const target = parseRedisAddress(redis.url) as RedisTarget;
      const client = redisClient(target, { name: "test", random: Math.random }) as Cluster;
      on.defer(() => client.disconnect());
      client.on("error", () => undefined);
      await client.connect();
      disturb(client);
      await until("the client to be ready", async () => client.status === "ready", DEADLINE_MS);
      expect(await client.set("key", "value")).toBe("OK");
    },
    120_000,
  );
});

interface Pool {
  findOrCreate(node: object): unknown;
  emit(event: "drain"): void;
}

/** The undocumented connection pool of ioredis' Cluster client. */
function poolOf(client: Cluster): Pool {
  return (client as unknown as { connectionPool: Pool }).connectionPool;
}

/** Each client sends a message, and all clients receive each of them once. */
async function expectCrossing(clients: readonly TestClient[], text: string): Promise<void> {
  for (const [index, client] of clients.entries())
    expect(await client.ask("send_message", { room: "team", message: `${text} ${index}` })).toMatchObject({
      success: true,
    });
  const wanted = clients.map((_, index) => `${text} ${index}`);
  for (const client of clients) {
    const got = () => client.all("message").map(({ message }) => String(message));
    const ofThisRound = () => got().filter((message) => message.startsWith(text));
    await until("all messages", async () => ofThisRound().length >= wanted.length, DEADLINE_MS, 20);
    expect(ofThisRound().sort()).toEqual(wanted);
  }
}
