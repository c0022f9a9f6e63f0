import { beforeEach, describe, expect, test } from "@jest/globals";
import { until } from "../../../testkit/until.ts";
import { contract } from "../../src/contract.ts";
import { callApi, metricOf, type ApiRequest } from "../../../testkit/gateway/gateway-api.ts";
import type { TestGateway } from "../support/gateway.ts";
import { stage } from "../support/stage.ts";

const on = stage();
let gateway: TestGateway;
beforeEach(async () => {
  gateway = await on.gateway({ WS_MAX_MESSAGE_BYTES: "2048" });
});

const { live, ready, metrics, health, monitor, config, publish, disconnect, revoke, presence, cleanup, drain, shed } =
  contract.paths;
const open = [live, ready, metrics, health, monitor];
const closed = [config, publish, disconnect, revoke, presence, cleanup, drain, shed];

describe("access to the private API", () => {
  test.each(open)("%s is open: its answer has no data of users", async (path) => {
    expect((await callApi(gateway, path, { token: null })).status).toBe(200);
  });

  test.each(closed)("%s needs the bearer token, whatever the method", async (path) => {
    for (const token of [null, "wrong", ""]) {
      for (const method of ["GET", "POST", "PUT"] as const) {
        const reply = await callApi(gateway, path, { token, method, ...(method === "GET" ? {} : { body: {} }) });
        expect([401, 405]).toContain(reply.status);
      }
    }
  });

  test("without ADMIN_TOKEN the closed routes refuse every request", async () => {
    const shut = await on.gateway({ ADMIN_TOKEN: "" });
    expect(await callApi(shut, publish, { body: {} })).toMatchObject({
      status: 401,
      body: { code: "UNAUTHENTICATED", error: expect.stringContaining("ADMIN_TOKEN") },
    });
    expect((await callApi(shut, live)).status).toBe(200);
  });
});

test.each(open)("%s answers HEAD like GET, without the body", async (path) => {
  const response = await fetch(`http://127.0.0.1:${gateway.privatePort}${path}`, { method: "HEAD" });
  expect([response.status, await response.text()]).toEqual([200, ""]);
});

describe("publish", () => {
  test("sends any event of a back end to a room, with or without data, in the given namespace", async () => {
    const [ada, bob] = [await on.connect(gateway), await on.connect(gateway, { user: "bob", namespace: "/messaging" })];
    for (const client of [ada, bob]) await client.ask("join_room", { room: "team" });
    await callApi(gateway, publish, { body: { room: "team", event: "news", data: { n: 1 } } });
    await callApi(gateway, publish, { body: { room: "team", event: "ping-all", namespace: "/messaging" } });
    expect(await ada.next("news")).toEqual({ n: 1 });
    await until("bob's event", async () => bob.seen.some(({ event }) => event === "ping-all"), 30_000, 5);
    expect(ada.all("ping-all")).toEqual([]);
  });

  test("sends once when requests have the same idempotency key, in the body or as a header", async () => {
    const ada = await on.connect(gateway);
    await ada.ask("join_room", { room: "team" });
    const send = (request: ApiRequest) => callApi(gateway, publish, request);
    const body = { room: "team", event: "news" };
    expect((await send({ body: { ...body, data: 1, idempotencyKey: "k" } })).body).toEqual({
      published: true,
      stored: false,
    });
    expect((await send({ body: { ...body, data: 2 }, headers: { "idempotency-key": "k" } })).body).toEqual({
      published: false,
      duplicate: true,
    });
    expect((await send({ body: { ...body, data: 3 } })).body).toEqual({ published: true, stored: false });
    await ada.next("news", (data) => (data as unknown) === 3);
    expect(ada.all("news")).toEqual([1, 3]);
  });
});

test("health and the monitor report connections, rooms and limits", async () => {
  const ada = await on.connect(gateway);
  await ada.ask("join_room", { room: "team" });
  const { body } = await callApi(gateway, health);
  expect(body).toEqual({
    status: "ok",
    connections: 1,
    cluster: { connections: 1, nodes: 1, limits: "local" },
    ledger: { exact: true, everExact: true, inexact: [] },
    bus: { phase: "up", lagMs: 0 },
    drain: { isDraining: false, connectionsLeft: 0, secondsLeft: 0 },
    generation: 0,
    issuers: [],
    handlers: [],
    hash: expect.stringMatching(/^[0-9a-f]{64}$/),
    recovery: { promisedSeconds: 120, windowSeconds: 120 },
    uptimeSeconds: expect.any(Number),
  });
  expect((await callApi(gateway, monitor)).body).toEqual({
    ...body,
    uptimeSeconds: expect.any(Number),
    halfOpen: 0,
    namespaces: { "/events": { sockets: 1, rooms: 1 }, "/messaging": { sockets: 0, rooms: 0 } },
    limits: gateway.ledger.state().limits,
    memory: { rssBytes: expect.any(Number), heapBytes: expect.any(Number) },
  });
});

test("metrics count connections, handshakes, events, refusals, bytes and requests", async () => {
  const ada = await on.connect(gateway);
  await ada.ask("join_room", { room: "team" });
  await ada.ask("send_message", { room: "nowhere", message: 1 });
  expect(await metricOf(gateway, "realtime_connections")).toBe(1);
  expect(await metricOf(gateway, "realtime_handshakes_total")).toBe(1);
  expect(await metricOf(gateway, "realtime_event_seconds_count", { event: "join_room" })).toBe(1);
  expect(await metricOf(gateway, "realtime_refusals_total", { code: "NOT_IN_ROOM", at: "event" })).toBe(1);
  expect(await metricOf(gateway, "realtime_limit", { limit: "maxMessageBytes" })).toBe(2048);
  await until(
    "the bytes of a first look",
    async () => (await metricOf(gateway, "realtime_outbound_bytes_total")) > 0,
    30_000,
    20,
  );
  expect(await metricOf(gateway, "realtime_api_requests_total", { route: metrics, status: "200" })).toBeGreaterThan(0);
  expect((await callApi(gateway, metrics)).headers.get("content-type")).toContain("text/plain");
});

test("a sweep corrects nothing in a right ledger, and restores a lost seat", async () => {
  const ada = await on.connect(gateway);
  expect((await callApi(gateway, cleanup, { body: {} })).body).toEqual({ corrected: 0 });
  await gateway.ledger.releaseSeat({ socketId: [...gateway.gateway.connections.keys()][0]!, userId: "ada" });
  expect((await callApi(gateway, cleanup, { body: {} })).body).toEqual({ corrected: 1 });
  expect(gateway.ledger.state().connections).toBe(1);
  expect(ada.socket.connected).toBe(true);
});

test("a shed moves the requested number and the gateway still accepts clients, and a drain moves all and accepts none", async () => {
  const clients = await Promise.all(["a", "b", "c", "d"].map((user) => on.connect(gateway, { user })));
  expect((await callApi(gateway, shed, { body: { connections: 1 } })).status).toBe(202);
  const gone = () => clients.filter(({ disconnects }) => disconnects.length > 0).length;
  await until("one to be gone", async () => gone() === 1, 30_000, 5);
  await on.connect(gateway, { user: "e" });
  expect(await callApi(gateway, drain, { body: {} })).toMatchObject({ status: 202, body: { isDraining: true } });
  await until("all to be gone", async () => gone() === 4, 30_000, 5);
  expect((await callApi(gateway, ready)).status).toBe(503);
  expect(await metricOf(gateway, "realtime_drained_connections_total", { cause: "rebalance" })).toBe(1);
  expect(await metricOf(gateway, "realtime_drained_connections_total", { cause: "drain" })).toBe(4);
  await expect(on.refused(gateway)).rejects.toThrow("websocket error");
});
