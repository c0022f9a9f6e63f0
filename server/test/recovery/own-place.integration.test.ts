import { describe, expect, test } from "@jest/globals";
import { callApi, metricOf } from "../../../testkit/gateway/gateway-api.ts";
import type { ClientOptions, TestClient } from "../../../testkit/gateway/gateway-client.ts";
import type { GatewayProcess } from "../../../testkit/gateway/gateway-process.ts";
import type { Ports } from "../../../testkit/gateway/gateway-settings.ts";
import { until } from "../../../testkit/until.ts";
import type { TestGateway } from "../support/gateway.ts";
import { stage } from "../support/stage.ts";
import { connectedOf, cut, held, returning, type Held } from "./returning.ts";

const on = stage();
const recovery = { RECOVERY_WINDOW_SECONDS: "120" };
const one = { ...recovery, WS_MAX_CONNECTIONS_PER_USER: "1" };

const back = async (to: Pick<Ports, "publicPort">, what: Held, settings?: ClientOptions): Promise<TestClient> =>
  on.connect(to, await returning(what, settings));
/**
 * Starts gateways and waits until each of them counts its connections in Redis. Before that, a gateway may grant only
 * its share of the limits.
 */
async function cluster(count: number, env: Record<string, string>): ReturnType<typeof on.cluster> {
  const started = await on.cluster(count, env);
  const isExact = ({ ledger }: TestGateway): boolean =>
    ledger.state().mode === "cluster" && ledger.state().nodes === count;
  await until("exact limits", async () => started.gateways.every(isExact), 30_000, 20);
  return started;
}

const connections = (gateway: TestGateway): number => gateway.ledger.state().connections;
const refusals = (gateway: Ports): Promise<number> => metricOf(gateway, "realtime_refusals_total", { at: "handshake" });
const participants = async (gateway: TestGateway, room: string): Promise<number> =>
  (await gateway.ledger.presence("/events", room)).participantCount;

/** Starts two gateways: `killed` in its own process, which the test kills, and `stays`. */
async function pair(env: Record<string, string>): Promise<{ killed: GatewayProcess; stays: TestGateway }> {
  const redis = await on.redis();
  const shared = { ...env, REDIS_ENABLED: "true", REDIS_URL: redis.url };
  const killed = await on.child(shared);
  const stays = await on.gateway(shared);
  await stays.bus.whenReady();
  await until("both to know each other", async () => stays.ledger.state().nodes === 2, 30_000, 50);
  return { killed, stays };
}

async function kill(gateway: GatewayProcess): Promise<void> {
  gateway.kill("SIGKILL");
  await gateway.ended;
}

describe("a client whose gateway was killed keeps its place while the lease still runs", () => {
  test.each([
    ["its user is at the limit", one],
    ["the cluster is full", { ...recovery, WS_MAX_GLOBAL_CONNECTIONS: "2" }],
    ["its user has as many rooms as allowed", { ...recovery, WS_MAX_ROOMS_PER_USER: "1" }],
  ])(
    "when %s",
    async (_, env) => {
      const { killed, stays } = await pair(env);
      const ada = await on.connect(killed);
      await on.connect(stays, { user: "bob" });
      expect(await ada.ask("join_room", { room: "team" })).toMatchObject({ success: true });
      await kill(killed);
      const again = await back(stays, held(ada));
      expect(connectedOf(again)).toMatchObject({ recovered: true, lostRooms: [] });
      // The lease of the dead gateway has not ended, but it no longer has a seat or a room of this client.
      expect(stays.ledger.state().nodes).toBe(2);
      expect(connections(stays)).toBe(2);
      expect(await participants(stays, "team")).toBe(1);
      expect(await refusals(stays)).toBe(0);
    },
    60_000,
  );

  test("and no other client gets it when the cluster is full", async () => {
    const { killed, stays } = await pair({ ...recovery, WS_MAX_GLOBAL_CONNECTIONS: "1" });
    const ada = await on.connect(killed);
    await kill(killed);
    const eve = await on.turnedAway(stays, "GLOBAL_LIMIT_EXCEEDED", { user: "eve" });
    const again = await on.open(
      stays,
      await returning(held(ada), { options: { reconnection: true, reconnectionDelay: 50, reconnectionDelayMax: 50 } }),
    );
    await again.next("connected");
    expect(connectedOf(again)).toMatchObject({ recovered: true });
    expect(stays.ledger.state().nodes).toBe(2);
    expect([eve.socket.connected, connections(stays)]).toEqual([false, 1]);
  }, 60_000);

  test("in both namespaces of its connection", async () => {
    const { killed, stays } = await pair(one);
    const ada = await on.connect(killed);
    const messaging = ada.enter("/messaging");
    await messaging.next("connected");
    await kill(killed);
    const again = await back(stays, held(ada));
    const settings = await returning(held(messaging));
    const second = again.socket.io.socket("/messaging", settings.options);
    const welcome = Promise.withResolvers<object>();
    second.on("connected", welcome.resolve);
    expect(await welcome.promise).toMatchObject({ recovered: true });
    expect(connections(stays)).toBe(1);
  }, 60_000);
});

describe("a client that notices a network change before its gateway does keeps its place at the limit", () => {
  test.each([
    ["on another gateway", 1],
    ["on the same gateway", 0],
  ])("%s", async (_, target) => {
    const { gateways } = await cluster(2, one);
    const ada = await on.connect(gateways[0]!);
    await ada.ask("join_room", { room: "team" });
    const again = await back(gateways[target]!, held(ada));
    expect(connectedOf(again)).toMatchObject({ recovered: true, lostRooms: [] });
    await until("the old connection to end", async () => ada.disconnects.length === 1, 10_000, 5);
    await until("one seat", async () => connections(gateways[target]!) === 1, 10_000, 10);
    expect(await participants(gateways[target]!, "team")).toBe(1);
    for (const gateway of gateways)
      expect(await callApi(gateway, "/api/websocket/cleanup", { body: {} })).toMatchObject({ body: { corrected: 0 } });
  });

  test("on a gateway without Redis", async () => {
    const gateway = await on.gateway(one);
    const ada = await on.connect(gateway);
    const again = await back(gateway, held(ada));
    expect(connectedOf(again)).toMatchObject({ recovered: true });
    await until("the old connection to end", async () => ada.disconnects.length === 1, 10_000, 5);
    expect(connections(gateway)).toBe(1);
  });

  test("on a gateway that checks no tokens", async () => {
    const gateway = await on.gateway({ ...one, DEMO_MODE: "true", JWT_SECRET: "" });
    const ada = await on.connect(gateway, { token: null });
    const before = held(ada);
    await cut(ada, gateway);
    const again = await back(gateway, before, { token: null });
    expect(connectedOf(again)).toMatchObject({ recovered: true, userId: connectedOf(ada)["userId"] });
  });
});

describe("limits hold", () => {
  test("when one pid is claimed on two gateways at once: only one client gets in", async () => {
    const { gateways } = await cluster(2, one);
    const ada = await on.connect(gateways[0]!);
    await ada.ask("join_room", { room: "team" });
    const settings = await returning(held(ada));
    await cut(ada, gateways[0]!);
    const both = await Promise.all(gateways.map((gateway) => on.open(gateway, settings)));
    const isIn = ({ socket }: TestClient): boolean => socket.connected;
    const isOut = ({ disconnects, socket }: TestClient): boolean => disconnects.length > 0 || !socket.active;
    await until("one to be in and one out", async () => both.some(isIn) && both.some(isOut), 30_000, 10);
    await until("one seat", async () => gateways.every((gateway) => connections(gateway) === 1), 10_000, 50);
    const [winner] = both.filter(isIn);
    expect(connectedOf(winner!)).toMatchObject({ recovered: true });
    expect(await participants(gateways[0]!, "team")).toBe(1);
  });

  test("when a pid comes with an invalid offset: the connection before keeps its seat", async () => {
    const { gateways } = await cluster(2, one);
    const ada = await on.connect(gateways[0]!);
    const settings = await returning({ ...held(ada), offset: "nonsense" });
    expect(await on.refused(gateways[1]!, settings)).toMatchObject({ code: "CONNECTION_LIMIT_EXCEEDED" });
    expect(ada.disconnects).toEqual([]);
  });

  test("when another user shows the pid: the connection before keeps its seat", async () => {
    const { gateways } = await cluster(2, { ...recovery, WS_MAX_GLOBAL_CONNECTIONS: "1" });
    const ada = await on.connect(gateways[0]!);
    await on.turnedAway(gateways[1]!, "GLOBAL_LIMIT_EXCEEDED", await returning(held(ada), { user: "eve" }));
    expect(ada.disconnects).toEqual([]);
  });

  test("when Redis is away: a client of another gateway begins again", async () => {
    const { redis, gateways } = await cluster(2, { ...recovery, WS_MAX_CONNECTIONS_PER_USER: "4" });
    const ada = await on.connect(gateways[0]!);
    const before = held(ada);
    await redis.kill();
    await until("its loss to be noticed", async () => gateways[1]!.ledger.state().mode === "share", 30_000, 20);
    await cut(ada, gateways[0]!);
    const elsewhere = await back(gateways[1]!, before);
    expect(connectedOf(elsewhere)).toMatchObject({ recovered: false });
    const here = await back(gateways[0]!, before);
    expect(connectedOf(here)).toMatchObject({ recovered: true });
  });
});

describe("a refusal leaves the session as it was", () => {
  const patient = { reconnection: true, reconnectionDelay: 50, reconnectionDelayMax: 50 };

  test("when the cluster is full: the client is recovered as soon as it gets in", async () => {
    const { gateways } = await cluster(2, { ...recovery, WS_MAX_GLOBAL_CONNECTIONS: "2" });
    const ada = await on.connect(gateways[0]!);
    const bob = await on.connect(gateways[0]!, { user: "bob" });
    for (const client of [ada, bob]) await client.ask("join_room", { room: "team" });
    const before = held(ada);
    await cut(ada, gateways[0]!);
    const eve = await on.connect(gateways[1]!, { user: "eve" });
    const settings = await returning(before, { options: patient });
    const again = await on.turnedAway(gateways[1]!, "GLOBAL_LIMIT_EXCEEDED", settings);
    await bob.ask("send_message", { room: "team", message: "missed" });
    eve.close();
    expect(await again.next("message")).toMatchObject({ message: "missed" });
    expect(connectedOf(again)).toMatchObject({ recovered: true, missed: 1 });
    expect([bob.all("user_left"), bob.all("user_joined")]).toEqual([[], []]);
  });

  test("when the client does not return: the others see it leave once, after the grace", async () => {
    const { gateways } = await cluster(2, {
      ...recovery,
      WS_MAX_GLOBAL_CONNECTIONS: "2",
      PRESENCE_GRACE_SECONDS: "1",
    });
    const ada = await on.connect(gateways[0]!);
    const bob = await on.connect(gateways[0]!, { user: "bob" });
    for (const client of [bob, ada]) await client.ask("join_room", { room: "team" });
    const before = held(ada);
    await cut(ada, gateways[0]!);
    await on.connect(gateways[1]!, { user: "eve" });
    const again = await on.turnedAway(gateways[1]!, "GLOBAL_LIMIT_EXCEEDED", await returning(before));
    again.close();
    expect(await bob.next("user_left")).toMatchObject({ userId: "ada", participantCount: 1 });
    expect(await participants(gateways[1]!, "team")).toBe(1);
    expect(bob.all("user_left")).toHaveLength(1);
  });

  test("when its token has expired: a fresh token recovers the session", async () => {
    const { gateways } = await cluster(2, recovery);
    const ada = await on.connect(gateways[0]!);
    const before = held(ada);
    await cut(ada, gateways[0]!);
    const expired = await returning(before, { lifetimeSeconds: -60 });
    expect(await on.refused(gateways[1]!, expired)).toMatchObject({ code: "TOKEN_EXPIRED" });
    expect(connectedOf(await back(gateways[1]!, before))).toMatchObject({ recovered: true });
  });
});

describe("the other members see a client leave", () => {
  test("the rooms that its present token does not open", async () => {
    const { gateways } = await cluster(2, recovery);
    const [ada, bob] = [await on.connect(gateways[0]!), await on.connect(gateways[1]!, { user: "bob" })];
    for (const client of [bob, ada]) await client.ask("join_room", { room: "closed" });
    const before = held(ada);
    await cut(ada, gateways[0]!);
    const again = await back(gateways[1]!, before, { rooms: ["open"] });
    expect(connectedOf(again)).toMatchObject({ recovered: true, lostRooms: ["closed"] });
    const left = { room: "closed", socketId: again.socket.id, userId: "ada", participantCount: 1 };
    expect(await bob.next("user_left")).toEqual(left);
  });

  test.each(["here", "elsewhere"])("all rooms at once when it returns %s and is not recovered", async (where) => {
    const { gateways } = await cluster(2, recovery);
    const [ada, bob] = [await on.connect(gateways[0]!), await on.connect(gateways[0]!, { user: "bob" })];
    for (const client of [bob, ada]) await client.ask("join_room", { room: "team" });
    const { pid } = held(ada);
    const socketId = ada.socket.id;
    await cut(ada, gateways[0]!);
    const again = await back(gateways[where === "here" ? 0 : 1]!, { pid, offset: "1.1" });
    expect(connectedOf(again)).toMatchObject({ recovered: false });
    expect(await bob.next("user_left")).toMatchObject({ socketId, participantCount: 1 });
    expect(await participants(gateways[1]!, "team")).toBe(1);
  });
});
