import { expect, test } from "@jest/globals";
import { until } from "../../../testkit/until.ts";
import { signToken } from "../../../testkit/sign-token.ts";
import { JWT_SECRET } from "../../../testkit/gateway/gateway-settings.ts";
import { callApi } from "../../../testkit/gateway/gateway-api.ts";
import type { TestRedis } from "../../../testkit/redis.ts";
import { stage } from "../support/stage.ts";
import { openEngineClient } from "../support/engine-client.ts";

const on = stage();

test("closes a client that connects just before the drain, because after a connect_error a stock client would not return", async () => {
  const gateway = await on.gateway();
  const rawClient = await openEngineClient(gateway);
  gateway.gateway.refuseNewcomers();
  rawClient.socket.send(`40/events,${JSON.stringify({ token: await signToken(JWT_SECRET, { sub: "ada" }) })}`);
  await rawClient.closed;
  expect(rawClient.received.filter((text) => text.startsWith("44"))).toEqual([]);
  expect(gateway.ledger.state().connections).toBe(0);
});

test("closes the remaining connections at once at the deadline", async () => {
  const gateway = await on.gateway({ DRAIN_CONNECTIONS_PER_SECOND: "1", DRAIN_TIMEOUT_SECONDS: "1" });
  const clients = await Promise.all(
    Array.from({ length: 20 }, (_, index) => on.connect(gateway, { user: `user-${index}` })),
  );
  await gateway.stop();
  await until(
    "all to have been closed",
    async () => clients.every(({ disconnects }) => disconnects[0] === "transport close"),
    30_000,
    5,
  );
});

test.each(["websocket", "polling"])(
  "a stock client over %s comes back at another gateway, with what was queued for it delivered first",
  async (transport) => {
    const env = { WS_TRANSPORTS: "websocket,polling" };
    const [old, next] = [await on.gateway(env), await on.gateway(env)];
    const ada = await on.connect(old, {
      options: { transports: [transport], reconnection: true, reconnectionDelay: 1 },
    });
    await ada.ask("join_room", { room: "team" });
    Object.assign(ada.socket.io, { uri: `http://127.0.0.1:${next.publicPort}` });
    const sent = Array.from({ length: 20 }, (_, index) => index);
    for (const message of sent) old.gateway.io.of("/events").to("team").emit("message", { message });
    await Promise.all([old.stop(), until("ada to be back", async () => ada.all("connected").length === 2, 30_000, 5)]);
    expect(ada.all("message").map(({ message }) => message)).toEqual(sent);
    expect(ada.all("server:draining")).toHaveLength(1);
    expect(next.ledger.state().connections).toBe(1);
  },
);

test("two gateways that stop at the same time announce the time that both need", async () => {
  const { gateways } = await on.cluster(2, { DRAIN_CONNECTIONS_PER_SECOND: "20" });
  const clients = await Promise.all(
    Array.from({ length: 20 }, (_, index) => on.connect(gateways[index % 2]!, { user: `user-${index}` })),
  );
  await Promise.all(gateways.map((gateway) => gateway.stop()));
  const told = clients.flatMap((client) => client.all("server:draining"));
  expect(told).toHaveLength(20);
  // Each gateway has ten clients, which need 500 ms at this rate. Together the gateways need 1 s. They may announce
  // less, because one may have moved some clients before the other counts them.
  for (const { reconnectWithinMs } of told) {
    expect(reconnectWithinMs).toBeGreaterThan(500);
    expect(reconnectWithinMs).toBeLessThanOrEqual(1_000);
  }
});

test("a SIGTERM waits for the drain that the API has begun", async () => {
  const gateway = await on.child({ DRAIN_CONNECTIONS_PER_SECOND: "10" });
  const clients = await Promise.all(
    Array.from({ length: 15 }, (_, index) => on.connect(gateway, { user: `user-${index}` })),
  );
  expect((await callApi(gateway, "/drain", { method: "POST" })).status).toBe(202);
  await until(
    "the drain to have begun",
    async () => clients.some(({ disconnects }) => disconnects.length > 0),
    30_000,
    5,
  );
  gateway.kill("SIGTERM");
  expect(await gateway.ended).toEqual({ code: 0, signal: null });
  expect(gateway.log().filter(({ msg }) => msg === "drain started")).toHaveLength(1);
  for (const client of clients) {
    expect(client.all("server:draining")).toHaveLength(1);
    expect(client.disconnects).toEqual(["transport close"]);
  }
});

test.each<{ name: string; lose: (redis: TestRedis) => unknown }>([
  { name: "killed", lose: (redis) => redis.kill() },
  { name: "stopped", lose: (redis) => redis.pause() },
])("a drain with Redis $name goes on at this node's share, and ends well", async ({ lose }) => {
  const redis = await on.redis();
  const gateway = await on.child({ REDIS_ENABLED: "true", REDIS_URL: redis.url, DRAIN_CONNECTIONS_PER_SECOND: "20" });
  await until("the gateway to be ready", async () => (await callApi(gateway, "/readyz")).status === 200, 30_000, 20);
  const clients = await Promise.all(
    Array.from({ length: 20 }, (_, index) => on.connect(gateway, { user: `user-${index}` })),
  );
  await lose(redis);
  expect((await callApi(gateway, "/shed", { body: { connections: 5 } })).status).toBe(202);
  await until(
    "five to have been moved",
    async () => clients.filter(({ disconnects }) => disconnects.length > 0).length === 5,
    30_000,
    5,
  );
  gateway.kill("SIGTERM");
  expect(await gateway.ended).toEqual({ code: 0, signal: null });
  // Each client is told once: five by the shed, the others by the drain.
  expect(clients.map((client) => client.all("server:draining").length)).toEqual(clients.map(() => 1));
});
