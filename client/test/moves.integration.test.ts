// Tests that a client moves to another gateway before its gateway closes the connection.
import { describe, expect, test } from "@jest/globals";
import { signToken } from "../../testkit/sign-token.ts";
import { until } from "../../testkit/until.ts";
import { JWT_SECRET } from "../../testkit/gateway/gateway-settings.ts";
import { callApi, metricOf } from "../../testkit/gateway/gateway-api.ts";
import type { TestGateway } from "../../server/test/support/gateway.ts";
import { stage } from "../../server/test/support/stage.ts";
import type { Realtime, RealtimeOptions } from "../src/realtime.ts";
import { clientsOn, eventually } from "./support.ts";

const on = stage();
const clientOf = clientsOn(on);
const ENV = { DRAIN_CONNECTIONS_PER_SECOND: "100", DRAIN_TIMEOUT_SECONDS: "60", RATE_LIMIT_PER_MINUTE: "100000" };

const REFUSED = { code: "UNAUTHENTICATED" };
const refusedAsDraining = (gateway: TestGateway): Promise<number> =>
  metricOf(gateway, "realtime_refusals_total", { code: "DRAINING" });

interface Watched {
  client: Realtime;
  states: string[];
  disconnects: string[];
  recovered: unknown[];
}

function watched(client: Realtime): Watched {
  const seen: Watched = { client, states: [], disconnects: [], recovered: [] };
  client.onStatus(({ state }) => seen.states.push(state));
  client.socket.on("disconnect", (reason) => seen.disconnects.push(reason));
  client.socket.on("connected", ({ recovered }: { recovered?: boolean }) => seen.recovered.push(recovered));
  return seen;
}

/** Two gateways behind a balancer. Clients first connect to the old one. */
async function fleet(env: Record<string, string> = {}, clients = 1, options: RealtimeOptions = {}) {
  const { gateways } = await on.cluster(2, { ...ENV, ...env });
  const [old, staying] = gateways as [TestGateway, TestGateway];
  const balancer = await on.balancer([old]);
  const all = Array.from({ length: clients }, (_, index) => watched(clientOf(balancer, options, `user-${index}`)));
  const rooms = all.map(({ client }) => client.room("team-7"));
  for (const room of rooms) await eventually("the room to be entered", () => room.membership.isMember);
  balancer.serve([staying.publicPort]);
  return { old, staying, balancer, all, rooms };
}

/** Sends numbered messages without a pause. `stop` returns how many were sent, after the last ack. */
function startSending(room: ReturnType<Realtime["room"]>): { stop: () => Promise<number> } {
  let count = 0;
  let isOn = true;
  const sending: Promise<unknown>[] = [];
  const loop = (async () => {
    while (isOn) {
      sending.push(room.send(count++));
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  })();
  return {
    async stop() {
      isOn = false;
      await loop;
      for (const result of await Promise.all(sending)) expect(result).toMatchObject({ ok: true });
      return count;
    },
  };
}

const numbers = (count: number): number[] => Array.from({ length: count }, (_, index) => index);

describe.each([
  { cause: "its gateway drains", leave: (old: TestGateway) => old.stop() },
  { cause: "it is shed", leave: (old: TestGateway) => callApi(old, "/shed", { body: { connections: 10 } }) },
])("a client moves without a gap when $cause", ({ leave }) => {
  test("and loses no message, gets none twice, and does not reconnect", async () => {
    const { old, staying, all, rooms } = await fleet({}, 2);
    const [ada, bob] = all as [Watched, Watched];
    const received = rooms.map((room) => {
      const seen: unknown[] = [];
      room.on("message", ({ message }: { message: unknown }) => seen.push(message));
      return seen;
    });
    let gaps = 0;
    rooms[1]!.onGap(() => (gaps += 1));
    await eventually("the first gap", () => gaps === 1);
    const sending = startSending(rooms[0]!);
    await eventually("the first messages", () => received[1]!.length > 20);
    const left = leave(old);
    await eventually("both to have moved", () => all.every(({ recovered }) => recovered.length === 2));
    const at = received[1]!.length;
    await eventually("messages after the move", () => received[1]!.length > at + 20);
    const sent = await sending.stop();
    await left;
    await eventually("every message", () => received.every((seen) => seen.length >= sent));
    expect([...received[1]!].sort((a, b) => Number(a) - Number(b))).toEqual(numbers(sent));
    expect(gaps).toBe(1);
    for (const { states, disconnects, recovered } of [ada, bob]) {
      expect([states, disconnects, recovered]).toEqual([["live"], [], [false, true]]);
    }
    expect(await metricOf(staying, "realtime_connections", {})).toBe(2);
  });
});

test("a client keeps its connection while no other gateway takes it, and moves when one does", async () => {
  const { old, staying, balancer, all, rooms } = await fleet();
  balancer.serve([old.publicPort]);
  const left = old.stop();
  await until("the gateway to refuse the move", async () => (await refusedAsDraining(old)) > 0, 30_000, 5);
  expect(await rooms[0]!.send("on the old gateway")).toMatchObject({ ok: true });
  balancer.serve([staying.publicPort]);
  await left;
  expect(await rooms[0]!.send("on the other gateway")).toMatchObject({ ok: true });
  expect(all[0]!.recovered).toEqual([false, true]);
});

test("a client reconnects as usual when no gateway takes it before its gateway ends", async () => {
  const { old, staying, balancer, all, rooms } = await fleet();
  balancer.serve([old.publicPort]);
  await old.stop();
  await eventually("the end of the connection", () => all[0]!.disconnects.length === 1);
  balancer.serve([staying.publicPort]);
  expect(await rooms[0]!.send("hello")).toMatchObject({ ok: true });
  expect(all[0]).toMatchObject({ disconnects: ["transport close"], recovered: [false, true] });
});

test("a client keeps its connection when the other gateway refuses its token", async () => {
  let token: string | undefined;
  const fetchToken = (): Promise<string> =>
    token === undefined ? signToken(JWT_SECRET, { sub: "user-0", rooms: ["*"] }) : Promise.resolve(token);
  const { old, staying, all, rooms } = await fleet({}, 1, { token: fetchToken });
  token = "not a token";
  const received: unknown[] = [];
  rooms[0]!.on("message", ({ message }: { message: unknown }) => received.push(message));
  const left = old.stop();
  await until("the refusal", async () => (await metricOf(staying, "realtime_refusals_total", REFUSED)) > 0, 30_000, 5);
  expect(await rooms[0]!.send("still here")).toMatchObject({ ok: true });
  token = undefined;
  await left;
  expect(await rooms[0]!.send("moved")).toMatchObject({ ok: true });
  await eventually("both messages", () => received.length === 2);
  expect(received).toEqual(["still here", "moved"]);
  expect(all[0]!.states).not.toContain("refused");
});

test("a client of a cluster without recovery reconnects when its gateway closes the connection, with one gap", async () => {
  const { old, all, rooms } = await fleet({ RECOVERY_WINDOW_SECONDS: "0" });
  let gaps = 0;
  rooms[0]!.onGap(() => (gaps += 1));
  await old.stop();
  await eventually("the second gap", () => gaps === 2);
  expect(await rooms[0]!.send("hello")).toMatchObject({ ok: true });
  expect([gaps, all[0]!.disconnects]).toEqual([2, ["transport close"]]);
});

test("both namespaces of a connection move together, and the application's listeners stay", async () => {
  const { old, staying, all } = await fleet();
  const { socket } = all[0]!.client;
  const other = socket.io.socket("/events", { auth: socket.auth as object });
  const seen: unknown[] = [];
  other.on("case:updated", (payload) => seen.push(payload));
  other.on("disconnect", (reason) => seen.push(reason));
  other.connect();
  await other.emitWithAck("subscribe:case", { caseId: "7" });
  await old.stop();
  await eventually("the namespace of the client to have moved", () => all[0]!.recovered.length === 2);
  await callApi(staying, "/api/publish", {
    body: { namespace: "/events", room: "case:7", event: "case:updated", data: { caseId: "7" } },
  });
  await eventually("the event", () => seen.length > 0);
  expect(seen).toEqual([{ caseId: "7" }]);
  expect([socket.connected, other.connected, all[0]!.disconnects]).toEqual([true, true, []]);
});

test("clients move one after the other, at the rate of the drain", async () => {
  const { old, all } = await fleet({ DRAIN_CONNECTIONS_PER_SECOND: "4" }, 8);
  const startedAtMs = Date.now();
  const moves: number[] = [];
  for (const { client } of all) client.socket.on("connected", () => moves.push(Date.now() - startedAtMs));
  await old.stop();
  await eventually("all to have moved", () => moves.length === 8);
  expect(Math.max(...moves) - Math.min(...moves)).toBeGreaterThan(500);
});
