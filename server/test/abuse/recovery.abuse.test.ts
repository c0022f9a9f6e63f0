import { randomBytes } from "node:crypto";
import type { Socket } from "node:net";
import { afterEach, expect, test } from "@jest/globals";
import { Redis } from "ioredis";
import { callApi, metricOf } from "../../../testkit/gateway/gateway-api.ts";
import { connectClient, type TestClient } from "../../../testkit/gateway/gateway-client.ts";
import { JWT_SECRET } from "../../../testkit/gateway/gateway-settings.ts";
import { frame, opcodes, openRawSocket } from "../../../testkit/raw-socket.ts";
import { startRedis, type TestRedis } from "../../../testkit/redis.ts";
import { signToken } from "../../../testkit/sign-token.ts";
import { until } from "../../../testkit/until.ts";
import { sessionScripts } from "../../src/recovery/redis/session-scripts.ts";
import { connectedOf, held, returning, type Held } from "../recovery/returning.ts";
import { rssOf, victim } from "../support/victim.ts";

const MOST_CONNECTIONS = 1_000;
const MEBIBYTE = 2 ** 20;
const BASE = "realtime:{realtime}:";
let redis: TestRedis;
const { gateway, withstands } = victim(async () => {
  redis = await startRedis();
  return {
    ...{ REDIS_ENABLED: "true", REDIS_URL: redis.url, WS_MAX_GLOBAL_CONNECTIONS: String(MOST_CONNECTIONS) },
    ...{
      RECOVERY_WINDOW_SECONDS: "120",
      RECOVERY_MAX_BYTES: String(128 * MEBIBYTE),
      WS_MAX_MESSAGE_BYTES: String(MEBIBYTE),
    },
  };
});
afterEach(() => redis.stop());

const recoveries = (result: string): Promise<number> => metricOf(gateway(), "realtime_recoveries_total", { result });
const connections = (): Promise<number> => metricOf(gateway(), "realtime_connections");
const publish = (room: string, data: string): Promise<unknown> =>
  callApi(gateway(), "/api/publish", { body: { room, event: "news", data } });

/**
 * Connects a client to a room and ends its connection like a network failure. Returns the pid and offset with which the
 * client would return.
 */
async function lost(user: string, room: string): Promise<Held> {
  const client = await connectClient(gateway(), { user });
  await client.ask("join_room", { room });
  const what = held(client);
  await leave(client);
  return what;
}

/**
 * Closes a client's WebSocket without a Socket.IO packet, like a network failure, and waits until the gateway has
 * noticed.
 */
async function leave(client: TestClient): Promise<void> {
  const before = await connections();
  (client.socket.io.engine as unknown as { transport: { ws: { close(): void } } }).transport.ws.close();
  await until("the cut to be noticed", async () => (await connections()) < before, 10_000, 5);
}

async function lostCrowd(count: number): Promise<Held[]> {
  const clients = await Promise.all(Array.from({ length: count }, () => connectClient(gateway(), { user: "eve" })));
  for (const client of clients) await client.ask("join_room", { room: "team" });
  const all = clients.map(held);
  for (const client of clients) client.close();
  await until("the cuts to be noticed", async () => (await connections()) === 1, 10_000, 5);
  return all;
}

async function back(what: Held, user: string): Promise<TestClient> {
  return connectClient(gateway(), await returning(what, { user }));
}

/** Connects a raw client that never reads. */
async function enterRaw(token: string, auth: object): Promise<Socket> {
  const socket = await openRawSocket(gateway());
  socket.write(frame(opcodes.text, `40/events,${JSON.stringify({ token, ...auth })}`));
  return socket;
}

const tokenOf = (sub: string): Promise<string> => signToken(JWT_SECRET, { sub, rooms: ["*"] });
const madeUpPid = (): string => randomBytes(18).toString("base64url");

test("a stolen pid gives other users nothing, and its owner is recovered after it", async () => {
  await withstands(async () => {
    const before = await recoveries("unknown");
    const stolen = await lost("ada", "team");
    await publish("team", "secret");
    for (let batch = 0; batch < 10; batch += 1)
      await Promise.all(
        Array.from({ length: 20 }, async (_, index) => {
          const thief = await back(stolen, `thief-${index}`);
          expect(connectedOf(thief)).toMatchObject({ recovered: false, missed: 0 });
          expect(held(thief).pid).not.toBe(stolen.pid);
          expect(thief.all("news")).toEqual([]);
          thief.close();
        }),
      );
    expect(await recoveries("unknown")).toBe(before + 200);
    const ada = await back(stolen, "ada");
    expect(connectedOf(ada)).toMatchObject({ recovered: true, missed: 1 });
    ada.close();
  });
}, 120_000);

const absurdOffsets: [string, (real: string) => unknown, string][] = [
  ["an object", () => ({ s: 1 }), "unknown"],
  ["a list", (real) => [real], "unknown"],
  ["too long", (real) => real + ".aaaa.1".repeat(10_000), "unknown"],
  ["one origin twice", (real) => `${real}.aaaa.1.aaaa.1`, "unknown"],
  ["too many origins", (real) => real + manyOrigins(65), "unknown"],
  ["no whole number", () => "1e400.-5", "unknown"],
  ["a property of every object", () => "__proto__.constructor", "unknown"],
  ["more digits than a number has", () => "zzzzzzzzzzzz.1", "unknown"],
  ["before all", () => "1.1", "too_old"],
  ["after all", () => "zzzzzzzz.1", "unsettled"],
  ["more messages than there are", (real) => `${real.split(".")[0]}.zzzzzzzz`, "unsettled"],
  ["messages of origins that do not exist", (real) => real + manyOrigins(60), "unsettled"],
];

test("an offset that no gateway has written recovers nothing, and the reason is counted", async () => {
  const results = [];
  for (const [name, forge, reason] of absurdOffsets) {
    const before = await recoveries(reason);
    const { pid, offset } = await lost("ada", "team");
    const again = await back({ pid, offset: forge(offset!) as string }, "ada");
    results.push([name, connectedOf(again)["recovered"], (await recoveries(reason)) - before]);
    again.close();
  }
  expect(results).toEqual(absurdOffsets.map(([name]) => [name, false, 1]));
}, 120_000);

test("offsets after all do not hold up other clients when hundreds show one at once", async () => {
  const token = await tokenOf("eve");
  await withstands(async () => {
    const before = await recoveries("unknown");
    const offset = `zzzzzzzz.1${manyOrigins(60)}`;
    const eves = await Promise.all(Array.from({ length: 300 }, () => enterRaw(token, { pid: madeUpPid(), offset })));
    await until("their answers", async () => (await recoveries("unknown")) === before + 300, 20_000, 20);
    for (const eve of eves) eve.destroy();
  });
}, 120_000);

function manyOrigins(count: number): string {
  return Array.from({ length: count }, (_, index) => `.aaaa${(100 + index).toString(36)}.zzzz`).join("");
}

test("made-up pids begin new sessions, and Redis keeps no more of them than twice the connections", async () => {
  const token = await tokenOf("eve");
  await withstands(async () => {
    const before = await recoveries("unknown");
    for (let batch = 0; batch < 10; batch += 1) {
      const eves = await Promise.all(
        Array.from({ length: 200 }, () => enterRaw(token, { pid: madeUpPid(), offset: "1.1" })),
      );
      const wanted = before + (batch + 1) * 200;
      await until("their answers", async () => (await recoveries("unknown")) >= wanted, 20_000, 10);
      for (const eve of eves) eve.destroy();
    }
    expect(await recoveries("unknown")).toBe(before + 2_000);
  });
  const client = new Redis(redis.url);
  expect(await client.zcard(`${BASE}sessions`)).toBeLessThanOrEqual(2 * MOST_CONNECTIONS);
  client.disconnect();
}, 120_000);

test("any number of abandoned sessions needs the memory of twice the connections, and expires", async () => {
  const client = new Redis(redis.url);
  const most = 2 * MOST_CONNECTIONS;
  const abandon = async (steps: number): Promise<void> => {
    for (let step = 0; step < steps; step += 1) await client.eval(abandonSessions, 1, BASE, 120_000, most, madeUpPid());
  };
  await withstands(async () => {
    await abandon(100);
    expect(await client.zcard(`${BASE}sessions`)).toBeLessThanOrEqual(most);
    expect(await memoryOfRedis(client)).toBeLessThan(16 * MEBIBYTE);
  });
  const left = await client.keys(`${BASE}session:*`);
  expect(left.length).toBeLessThanOrEqual(most);
  const lives = await Promise.all(left.map((key) => client.pttl(key)));
  expect(lives.filter((ms) => ms <= 0 || ms > 120_000 + 90_000)).toEqual([]);
  client.disconnect();
}, 240_000);

/**
 * A Redis script that invents a thousand sessions and saves them with the gateways' own script: real clients would take
 * minutes. Every session above the limit costs the same, so the test uses 200,000 instead of a million (35 s).
 * Arguments: how long a session lives in ms, the limit of sessions, a name for this step.
 */
const abandonSessions = `
local changes = {}
for index = 1, 1000 do
  local id = ARGV[3] .. '-' .. index
  local fields = {'u', id, 'n', '/events', 'i', id, 'o', 'gone', 'g', '1', 'b', '1.1', 'e', id, 'r:team', '11.1'}
  changes[index] = {'all', id, '1', unpack(fields)}
end
local ARGV = {ARGV[1], ARGV[2], cjson.encode(changes)}
${sessionScripts.saveSessions}
`;

test("a replay of 100 MB that a hundred clients want together, and do not read, is paced", async () => {
  const token = await tokenOf("eve");
  let peak = 0;
  await withstands(async () => {
    const before = await recoveries("recovered");
    const eves = await lostCrowd(100);
    for (let count = 0; count < 10; count += 1) await publish("team", "x".repeat(100_000));
    const calm = rssOf(gateway().pid);
    const sockets = await Promise.all(eves.map(async (what) => (await enterRaw(token, what)).pause()));
    await until(
      "all to be recovered",
      async () => {
        peak = Math.max(peak, rssOf(gateway().pid) - calm);
        return (await recoveries("recovered")) === before + 100;
      },
      40_000,
      20,
    );
    for (const socket of sockets) socket.destroy();
  });
  expect(peak).toBeLessThan(96 * MEBIBYTE);
}, 120_000);

async function memoryOfRedis(client: Redis): Promise<number> {
  return Number(/^used_memory:(\d+)/m.exec(await client.info("memory"))![1]);
}
