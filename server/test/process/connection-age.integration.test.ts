// Tests what MAX_CONNECTION_AGE_SECONDS does to connections of stock clients.
import { expect, test } from "@jest/globals";
import { callApi, metricOf } from "../../../testkit/gateway/gateway-api.ts";
import type { TestClient } from "../../../testkit/gateway/gateway-client.ts";
import { until } from "../../../testkit/until.ts";
import { TestClock, type TestGateway } from "../support/gateway.ts";
import { stage } from "../support/stage.ts";

const on = stage();
const AGE_MS = 100_000;
const RETURNS = { transports: ["websocket"], reconnection: true, reconnectionDelay: 1, reconnectionDelayMax: 50 };

/**
 * Starts two gateways on one Redis, and connects clients to the first one. A client that is moved reconnects to the
 * second one.
 */
async function fleet(users: readonly string[], env: Record<string, string>) {
  const clock = new TestClock();
  const redis = await on.redis();
  const shared = { REDIS_ENABLED: "true", REDIS_URL: redis.url, ...env };
  const [old, next] = [await on.gateway(shared, clock), await on.gateway(shared)];
  await Promise.all([old, next].map(({ bus }) => bus.whenReady()));
  const clients = await Promise.all(users.map((user) => on.connect(old, { user, options: RETURNS })));
  for (const { socket } of clients) Object.assign(socket.io, { uri: `http://127.0.0.1:${next.publicPort}` });
  return { clock, old, next, clients };
}

const put = (gateway: TestGateway, body: object) => callApi(gateway, "/config", { method: "PUT", body });
const movedForAge = (gateway: TestGateway) => metricOf(gateway, "realtime_drained_connections_total", { cause: "age" });
const isMoved = async (clients: readonly TestClient[]) => clients.every((client) => client.all("connected").length > 1);

test("moves each connection once when it is old, and its client loses no message", async () => {
  const { clock, old, next, clients } = await fleet(["a", "b", "c"], { MAX_CONNECTION_AGE_SECONDS: "100" });
  for (const client of clients) await client.ask("join_room", { room: "team" });
  clock.advance(AGE_MS / 2);
  const young = await on.connect(old, { user: "young", options: RETURNS });
  await young.ask("join_room", { room: "team" });
  clock.advance(AGE_MS * 0.61);
  const sent = Array.from({ length: 60 }, (_, index) => index);
  for (const message of sent) {
    await young.ask("send_message", { room: "team", message });
    if (message === 20) await until("the old ones to be moved", () => isMoved(clients), 30_000, 5);
  }
  for (const client of clients) {
    await until("all messages", async () => client.all("message").length >= sent.length, 30_000, 20);
    expect(client.all("message").map(({ message }) => message)).toEqual(sent);
    expect(client.disconnects).toEqual(["transport close"]);
    expect(client.all("connected").at(-1)).toMatchObject({ recovered: true });
  }
  expect(young.disconnects).toEqual([]);
  expect(await movedForAge(old)).toBe(3);
  expect(await metricOf(old, "realtime_closed_total", { reason: "aged" })).toBe(3);
  expect(await movedForAge(next)).toBe(0);
});

test("takes an edit for connections that are open: on, and off while moves are left", async () => {
  const users = Array.from({ length: 60 }, (_, index) => `user-${index}`);
  const { clock, old, clients } = await fleet(users, { DRAIN_CONNECTIONS_PER_SECOND: "20" });
  clock.advance(2 * AGE_MS);
  await put(old, { generation: 1, maxConnectionAgeSeconds: 100 });
  await until("a client to be moved", async () => clients.some(({ disconnects }) => disconnects.length > 0), 30_000, 5);
  const { status, body } = await put(old, { generation: 2, maxConnectionAgeSeconds: 0 });
  expect([status, body]).toMatchObject([200, { maxConnectionAgeSeconds: 0 }]);
  await put(old, { generation: 3, drain: { connectionsPerSecond: 1_000 } });
  await callApi(old, "/shed", { body: { connections: 1 } });
  const shed = () => metricOf(old, "realtime_drained_connections_total", { cause: "rebalance" });
  await until("a shed to end", async () => (await shed()) === 1, 30_000, 5);
  expect(await movedForAge(old)).toBeLessThan(60 - 1);
});

test("names the field when the age is not a number of seconds", async () => {
  const gateway = await on.gateway();
  const { status, body } = await put(gateway, { generation: 1, maxConnectionAgeSeconds: 1.5 });
  expect(status).toBe(400);
  expect(JSON.stringify(body)).toContain("maxConnectionAgeSeconds must be a whole number of seconds from 0 to 2592000");
  await expect(on.gateway({ MAX_CONNECTION_AGE_SECONDS: "1h" })).rejects.toThrow("MAX_CONNECTION_AGE_SECONDS must be");
});

test("moves nobody twice when a drain begins while old connections move", async () => {
  const users = Array.from({ length: 40 }, (_, index) => `user-${index}`);
  const env = { DRAIN_CONNECTIONS_PER_SECOND: "20", MAX_CONNECTION_AGE_SECONDS: "100" };
  const { clock, old, next, clients } = await fleet(users, env);
  clock.advance(2 * AGE_MS);
  await until("an old connection to be moved", async () => (await movedForAge(old)) > 0, 30_000, 5);
  await old.stop();
  await until("all to be back", () => isMoved(clients), 30_000, 20);
  expect(clients.map(({ disconnects }) => disconnects)).toEqual(clients.map(() => ["transport close"]));
  expect(next.gateway.seatedCount()).toBe(40);
});
