import { expect, test } from "@jest/globals";
import { Redis } from "ioredis";
import { callApi, metricOf } from "../../../testkit/gateway/gateway-api.ts";
import { until } from "../../../testkit/until.ts";
import type { TestGateway } from "../support/gateway.ts";
import { stage } from "../support/stage.ts";

const on = stage();
const readiness = (gateway: TestGateway) => callApi(gateway, "/readyz");
const health = async (gateway: TestGateway) => (await callApi(gateway, "/api/websocket/health")).body;

/** Starts a Redis that has no free memory, so it refuses writes. `relieve` gives it memory. */
async function fullRedis(): Promise<{ url: string; relieve: () => Promise<unknown> }> {
  const redis = await on.redis({ args: ["--maxmemory-policy", "noeviction", "--maxmemory", "1"] });
  const client = new Redis(redis.port);
  on.defer(() => client.disconnect());
  return { url: redis.url, relieve: () => client.config("SET", "maxmemory", "0") };
}

test("becomes ready with a share, and says why limits are not exact, when Redis refuses writes", async () => {
  const { url, relieve } = await fullRedis();
  const gateway = await on.gateway({ REDIS_ENABLED: "true", REDIS_URL: url, WS_MAX_GLOBAL_CONNECTIONS: "7" });
  await gateway.bus.whenReady();
  expect(await readiness(gateway)).toMatchObject({
    status: 503,
    text: expect.stringContaining("no share of the limits"),
  });
  await until("a share", async () => (await readiness(gateway)).status === 200, 30_000, 20);
  expect(await health(gateway)).toMatchObject({
    status: "degraded",
    cluster: { limits: "share" },
    ledger: {
      exact: false,
      everExact: false,
      inexact: expect.arrayContaining(["maxConnections", "idempotencyKeys"]),
      reason: "out-of-memory",
      message: expect.stringContaining("OOM"),
      sinceSeconds: expect.any(Number),
      share: expect.objectContaining({ maxConnections: 7 }),
    },
  });
  expect(await metricOf(gateway, "realtime_limits_exact", { limit: "maxConnections" })).toBe(0);
  expect(await metricOf(gateway, "realtime_limits_exact", { limit: "maxQueuedBytes" })).toBe(1);
  expect(await metricOf(gateway, "realtime_limit_share", { limit: "maxConnections" })).toBe(7);
  expect(await metricOf(gateway, "realtime_ledger_inexact", { reason: "out-of-memory" })).toBe(1);
  expect(await metricOf(gateway, "realtime_ledger_inexact")).toBe(1);
  await relieve();
  await until("exact limits", async () => (await health(gateway))["status"] === "ok", 30_000, 20);
  expect((await health(gateway))["ledger"]).toEqual({ exact: true, everExact: true, inexact: [] });
  expect(await metricOf(gateway, "realtime_ledger_inexact")).toBe(0);
}, 60_000);

test("sends nothing for a publish with a key when it cannot know whether the key was used", async () => {
  const { url, relieve } = await fullRedis();
  const gateway = await on.gateway({ REDIS_ENABLED: "true", REDIS_URL: url });
  await until("a share", async () => (await readiness(gateway)).status === 200, 30_000, 20);
  const ada = await on.connect(gateway, { user: "ada" });
  await ada.ask("join_room", { room: "team" });
  const publish = { body: { room: "team", event: "news", data: 1, idempotencyKey: "order-7" } };
  const refused = await callApi(gateway, "/api/publish", publish);
  expect([refused.status, refused.headers.get("retry-after")]).toEqual([503, "1"]);
  await relieve();
  await until("exact limits", async () => gateway.ledger.state().mode === "cluster", 30_000, 20);
  expect((await callApi(gateway, "/api/publish", publish)).body).toMatchObject({ published: true });
  expect((await callApi(gateway, "/api/publish", publish)).body).toEqual({ published: false, duplicate: true });
  await ada.next("news");
  expect(ada.all("news")).toHaveLength(1);
}, 60_000);

test("lets in a stock client that its share had refused when limits are exact again", async () => {
  const { url, relieve } = await fullRedis();
  const env = { REDIS_ENABLED: "true", REDIS_URL: url, WS_MAX_CONNECTIONS_PER_USER: "1" };
  const gateways = await Promise.all([on.gateway(env), on.gateway(env)]);
  const shareOf = ({ ledger }: TestGateway): number => {
    const { exactness } = ledger.state();
    return exactness.isExact ? 0 : exactness.share.maxConnectionsPerUser;
  };
  // A limit of one connection per user cannot be divided: one gateway gets it as its share, and the other gateway's
  // share is 0.
  await until("the limits to be divided", async () => gateways.map(shareOf).sort().join() === "0,1", 30_000, 20);
  const without = gateways.find((gateway) => shareOf(gateway) === 0)!;
  const client = await on.open(without, { options: { reconnection: true, reconnectionDelayMax: 500 } });
  let attempts = 0;
  client.socket.io.on("reconnect_attempt", () => (attempts += 1));
  await until("several attempts", async () => attempts > 2, 30_000, 20);
  expect(client.socket.connected).toBe(false);
  await relieve();
  await client.next("connected");
}, 60_000);
