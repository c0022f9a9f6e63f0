import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { Redis } from "ioredis";
import { callApi, metricOf } from "../../../testkit/gateway/gateway-api.ts";
import type { TestClient } from "../../../testkit/gateway/gateway-client.ts";
import { until } from "../../../testkit/until.ts";
import { cut, held, returning } from "../recovery/returning.ts";
import type { TestGateway } from "../support/gateway.ts";
import { stage } from "../support/stage.ts";
import { handlersEnvironment, isSigned, json, startAppServer, type AppServer } from "./app-server.ts";
import { goneOf, goneUsers, type Gone } from "./gone-sessions.ts";

const on = stage();
const GRACE_MS = 1_000;
const env = { RECOVERY_WINDOW_SECONDS: "120", PRESENCE_GRACE_SECONDS: "1" };
let app: AppServer;
let gateways: TestGateway[];
let redis: Redis;

beforeEach(async () => {
  app = await startAppServer();
  const started = await on.cluster(2, { ...handlersEnvironment(entryOf("gone")), ...env });
  gateways = started.gateways;
  redis = new Redis(started.redis.url);
  on.defer(() => redis.disconnect());
});
afterEach(() => app.stop());

function entryOf(...hooks: string[]): object {
  return { name: "lobby", url: app.url, hooks, events: ["order:*"] };
}

async function told(user: string, deadlineMs = 15_000): Promise<Gone> {
  return until(`gone of ${user}`, async () => goneOf(app, user)[0], deadlineMs, 10);
}

async function sessionIdOf(client: TestClient): Promise<unknown> {
  app.answer(({ body }) => ({ ack: { sessionId: body["sessionId"] } }));
  return (await client.ask("order:who", {}))["sessionId"];
}

describe("the hook gone", () => {
  test("reports a client that does not return within the grace, once, with its session", async () => {
    const ada = await on.connect(gateways[0]!, { user: "ada" });
    await ada.ask("join_room", { room: "team" });
    const sessionId = await sessionIdOf(ada);
    const { id: socketId } = ada.socket;
    const cutAtMs = Date.now();
    await cut(ada, gateways[0]!);
    const gone = await told("ada");
    expect(Date.now() - cutAtMs).toBeGreaterThanOrEqual(GRACE_MS);
    const session = { user: "ada", sessionId, socketId, namespace: "/events", rooms: ["team"] };
    expect(gone.session).toEqual({ ...session, reason: "timeout", at: expect.any(String) });
    expect(Math.abs(Date.parse(gone.session.at) - cutAtMs)).toBeLessThan(900);
    expect(gone.request.body).toMatchObject({ version: 1, kind: "gone", ack: false, ...session, claims: {} });
    expect(gone.request.body).not.toHaveProperty("event");
    expect(isSigned(gone.request)).toBe(true);
    // Wait for the report of another client. A wrong second report about ada would arrive before it.
    const bob = await on.connect(gateways[1]!, { user: "bob" });
    await cut(bob, gateways[1]!);
    await told("bob");
    expect(goneUsers(app)).toEqual(["ada", "bob"]);
    const isEmpty = async () => (await redis.keys("realtime:{realtime}:gone*")).length === 0;
    await until("the end of the outbox", isEmpty, 5_000, 20);
  });

  test("does not report a client that returns in time, to the same gateway or to another one", async () => {
    const users = ["ada", "bob"];
    const back: TestClient[] = [];
    for (const [index, user] of users.entries()) {
      const client = await on.connect(gateways[0]!, { user });
      const session = held(client);
      await cut(client, gateways[0]!);
      back.push(await on.connect(gateways[index]!, await returning(session, { user })));
      expect(back[index]!.all("connected").at(-1)).toMatchObject({ recovered: true });
    }
    await cut(await on.connect(gateways[0]!, { user: "cid" }), gateways[0]!);
    await told("cid");
    expect(goneUsers(app)).toEqual(["cid"]);
    for (const index of [0, 1]) await cut(back[index]!, gateways[index]!);
    for (const user of users) await told(user);
  });

  test("reports after the grace, once, why a session was ended", async () => {
    const users = ["ada", "bob", "cid", "dan"];
    const [ada, , , dan] = await Promise.all(users.map((user) => on.connect(gateways[0]!, { user })));
    const endedAtMs = Date.now();
    await cut(dan!, gateways[0]!);
    ada!.socket.disconnect();
    await callApi(gateways[1]!, "/api/disconnect", { body: { userId: "bob" } });
    await callApi(gateways[1]!, "/api/revoke", { body: { userId: "cid" } });
    await callApi(gateways[1]!, "/api/revoke", { body: { userId: "dan" } });
    expect((await told("ada")).session).toMatchObject({ reason: "left" });
    expect(Date.now() - endedAtMs).toBeGreaterThanOrEqual(GRACE_MS);
    for (const user of users.slice(1)) expect((await told(user)).session).toMatchObject({ reason: "ended" });
    await cut(await on.connect(gateways[1]!, { user: "eve" }), gateways[1]!);
    await told("eve");
    expect(goneUsers(app).sort()).toEqual([...users, "eve"]);
  });

  test("reports many sessions in few requests", async () => {
    const users = Array.from({ length: 120 }, (_, index) => `user${index}`);
    const clients = await Promise.all(users.map((user, index) => on.connect(gateways[index % 2]!, { user })));
    for (const { socket } of clients) socket.disconnect();
    await until("all", async () => new Set(goneUsers(app)).size === users.length, 15_000, 20);
    expect(goneUsers(app).sort()).toEqual(users.sort());
    expect(app.got.length).toBeLessThan(20);
  });

  test("reports every session after the handler was away", async () => {
    await app.stop();
    const users = ["ada", "bob", "cid"];
    for (const [index, user] of users.entries())
      await cut(await on.connect(gateways[index % 2]!, { user }), gateways[index % 2]!);
    await until("the outbox", async () => (await redis.zcard("realtime:{realtime}:gone")) === 3, 10_000, 20);
    await app.restart();
    await until("all", async () => new Set(goneUsers(app)).size === 3, 15_000, 20);
    expect(goneUsers(app).sort()).toEqual(users);
  });

  test("repeats a request until it is answered with status 200", async () => {
    app.answer((_, response) => {
      if (app.got.length < 3) json(response, {}, 500);
      else response.writeHead(200).end();
      return undefined;
    });
    await cut(await on.connect(gateways[0]!, { user: "ada" }), gateways[0]!);
    await until("three requests", async () => app.got.length === 3, 15_000, 20);
    await until("its end", async () => (await redis.exists("realtime:{realtime}:gone")) === 0, 5_000, 20);
    expect(app.got).toHaveLength(3);
  });

  test("reports the other sessions when the handler fails for one of them", async () => {
    app.answer(({ text }, response) => {
      if (!text.includes("poison")) return {};
      json(response, {}, 500);
      return undefined;
    });
    for (const user of ["ada", "poison", "bob", "cid"]) (await on.connect(gateways[0]!, { user })).socket.disconnect();
    const served = () => app.got.filter(({ text }) => !text.includes("poison")).map(({ text }) => text);
    const isServed = async () => ["ada", "bob", "cid"].every((user) => served().join().includes(`"${user}"`));
    await until("the others", isServed, 15_000, 20);
  });

  test("is written only while a handler has it", async () => {
    const config = { generation: 1, handlers: [{ ...entryOf("join"), timeoutMilliseconds: 1_000 }] };
    for (const gateway of gateways) await callApi(gateway, "/config", { method: "PUT", body: config });
    const ada = await on.connect(gateways[0]!, { user: "ada" });
    ada.socket.disconnect();
    await until("the end", async () => gateways[0]!.gateway.connections.size === 0, 5_000, 5);
    const next = { generation: 2, handlers: [entryOf("gone")] };
    for (const gateway of gateways) await callApi(gateway, "/config", { method: "PUT", body: next });
    await cut(await on.connect(gateways[0]!, { user: "bob" }), gateways[0]!);
    await told("bob");
    expect(goneUsers(app)).toEqual(["bob"]);
  });

  test("drops sessions that wait for more than an hour, and counts them", async () => {
    const [base, now] = ["realtime:{realtime}:", Date.now()];
    await redis.hset(`${base}gone-texts`, "old", `${now - 3_700_000} {"user":"old"}`);
    await redis.zadd(`${base}gone`, now, "old");
    const dropped = async () => {
      const counts = await Promise.all(gateways.map((one) => metricOf(one, "realtime_handler_gone_dropped_total")));
      return counts.reduce((sum, count) => sum + count, 0) === 1;
    };
    await until("the drop", dropped, 10_000, 20);
    expect(app.got).toEqual([]);
  });
});

describe("the hook gone without Redis", () => {
  test.each(["120", "0"])("reports from memory, with a recovery window of %s s", async (window) => {
    const alone = await on.gateway({
      ...handlersEnvironment(entryOf("gone")),
      ...env,
      RECOVERY_WINDOW_SECONDS: window,
    });
    const ada = await on.connect(alone, { user: "ada" });
    await ada.ask("join_room", { room: "team" });
    const { id: socketId } = ada.socket;
    const cutAtMs = Date.now();
    await cut(ada, alone);
    expect((await told("ada")).session).toMatchObject({ user: "ada", socketId, rooms: ["team"], reason: "timeout" });
    expect(Date.now() - cutAtMs).toBeGreaterThanOrEqual(GRACE_MS);
    const bob = await on.connect(alone, { user: "bob" });
    bob.socket.disconnect();
    expect((await told("bob")).session).toMatchObject({ reason: "left" });
    expect(goneUsers(app)).toEqual(["ada", "bob"]);
  });
});
