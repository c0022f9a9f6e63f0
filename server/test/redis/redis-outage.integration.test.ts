import { expect, test } from "@jest/globals";
import { until } from "../../../testkit/until.ts";
import { callApi, metricOf } from "../../../testkit/gateway/gateway-api.ts";
import type { TestGateway } from "../support/gateway.ts";
import { stage } from "../support/stage.ts";

const on = stage();
const readiness = async (gateway: TestGateway) => (await callApi(gateway, "/readyz")).status;
const health = async (gateway: TestGateway) => (await callApi(gateway, "/api/websocket/health")).body;

test("a gateway that has never reached Redis is alive and not ready, and becomes ready when Redis comes", async () => {
  const redis = await on.redis();
  await redis.kill();
  const gateway = await on.gateway({ REDIS_ENABLED: "true", REDIS_URL: redis.url });
  expect((await callApi(gateway, "/livez")).status).toBe(200);
  await until("a reason", async () => (await callApi(gateway, "/readyz")).text.includes("ECONNREFUSED"), 30_000, 20);
  expect(await readiness(gateway)).toBe(503);
  expect(await health(gateway)).toMatchObject({
    status: "unavailable",
    reason: expect.stringContaining(String(redis.port)),
  });
  await redis.restart();
  await until("readiness", async () => (await readiness(gateway)) === 200, 30_000);
  // The health is not "ok" at once, because the ledger reconnects a little later than the bus.
  await until("health", async () => (await health(gateway))["status"] === "ok", 30_000, 20);
});

test("Redis dies under a cluster that serves: clients of one gateway notice nothing, and the cluster is whole again afterwards", async () => {
  const { redis, gateways } = await on.cluster(2);
  const [a, b] = gateways as [TestGateway, TestGateway];
  const [ada, bob, eve] = [
    await on.connect(a, { user: "ada" }),
    await on.connect(a, { user: "bob" }),
    await on.connect(b, { user: "eve" }),
  ];
  for (const client of [ada, bob, eve]) await client.ask("join_room", { room: "team" });

  await redis.kill();
  await until(
    "both to have noticed",
    async () => gateways.every(({ bus, ledger }) => bus.state().phase === "down" && ledger.state().mode === "share"),
    30_000,
    20,
  );
  expect(await ada.ask("send_message", { room: "team", message: "local" })).toMatchObject({
    success: true,
    stored: false,
    onlyHere: true,
  });
  expect(await bob.next("message")).toMatchObject({ message: "local" });
  for (const gateway of gateways) {
    expect(await readiness(gateway)).toBe(200);
    expect(await health(gateway)).toMatchObject({ status: "degraded", cluster: { limits: "share" } });
    expect(await metricOf(gateway, "realtime_bus_up")).toBe(0);
    expect(await metricOf(gateway, "realtime_ledger_exact")).toBe(0);
  }
  expect(await metricOf(a, "realtime_bus_publish_failed_total")).toBeGreaterThan(0);
  const published = { body: { room: "team", event: "news", data: 1 } };
  expect((await callApi(a, "/api/publish", published)).body).toEqual({
    published: true,
    onlyHere: true,
    stored: false,
  });
  await ada.next("news");
  const late = await on.connect(b, { user: "late" });
  expect(await late.ask("join_room", { room: "team" })).toMatchObject({ success: true });

  await redis.restart();
  await until(
    "the cluster to be whole",
    async () => gateways.every(({ bus, ledger }) => bus.state().phase === "up" && ledger.state().mode === "cluster"),
    30_000,
    20,
  );
  expect((await callApi(a, "/api/publish", published)).body).toEqual({ published: true, stored: expect.any(Boolean) });
  await eve.next("news");
  await ada.ask("send_message", { room: "team", message: "whole" });
  for (const client of [ada, bob, eve, late]) await client.next("message", ({ message }) => message === "whole");
  await until(
    "the ledger to be exact",
    async () => ((await callApi(a, "/api/presence?room=team")).body["participantCount"] as number) === 4,
    30_000,
  );
  for (const client of [ada, bob, eve, late]) expect(client.disconnects).toEqual([]);
}, 60_000);

test("Redis that stops answering holds up nobody's events", async () => {
  const { redis, gateways } = await on.cluster(1);
  const [gateway] = gateways as [TestGateway];
  const ada = await on.connect(gateway);
  await ada.ask("join_room", { room: "team" });
  redis.pause();
  expect(await ada.ask("send_message", { room: "team", message: "through" })).toMatchObject({ success: true });
  await ada.next("message");
  expect(await ada.ask("join_room", { room: "other" })).toMatchObject({ success: true });
  await until("the bus to be given up", async () => gateway.bus.state().phase === "down", 30_000);
  expect(await readiness(gateway)).toBe(200);
  redis.resume();
  await until("the bus to return", async () => gateway.bus.state().phase === "up", 30_000);
}, 60_000);
