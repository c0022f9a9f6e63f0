// Tests the client with real gateways.
import { setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "@jest/globals";
import { signToken } from "../../testkit/sign-token.ts";
import { until } from "../../testkit/until.ts";
import { callApi } from "../../testkit/gateway/gateway-api.ts";
import { JWT_SECRET } from "../../testkit/gateway/gateway-settings.ts";
import type { TestGateway } from "../../server/test/support/gateway.ts";
import { stage } from "../../server/test/support/stage.ts";
import { handlersEnvironment, startAppServer } from "../../server/test/handlers/app-server.ts";
import { LEAVE_AFTER_MS } from "../src/realtime.ts";
import { clientsOn, eventually } from "./support.ts";

const on = stage();

const clientOf = clientsOn(on);
const cut = ({ gateway }: TestGateway): void => {
  for (const connection of gateway.connections.values()) connection.engine.close(true);
};
const presence = async (gateway: TestGateway, room: string): Promise<unknown> =>
  (await callApi(gateway, `/api/presence?namespace=/messaging&room=${room}`)).body["participantCount"];

test("a message reaches every handle of the room when one of its members sends it", async () => {
  const gateway = await on.gateway();
  const [ada, bob] = [clientOf(gateway), clientOf(gateway, {}, "bob")];
  const seen: unknown[] = [];
  const [first, second] = [bob.room("team-7"), bob.room("team-7")];
  for (const room of [first, second]) room.on("message", ({ message }: { message: unknown }) => seen.push(message));
  await eventually("bob to be in the room", () => first.membership.isMember);
  expect(await ada.room("team-7").send("hello")).toMatchObject({ ok: true });
  await eventually("both handles to have the message", () => seen.length === 2);
  expect(seen).toEqual(["hello", "hello"]);
});

test("a room is entered once and left with its last handle", async () => {
  const gateway = await on.gateway();
  const ada = clientOf(gateway);
  const [first, second] = [ada.room("team-7"), ada.room("team-7")];
  await until("ada to be in the room", async () => (await presence(gateway, "team-7")) === 1, 30_000, 5);
  first.release();
  first.release();
  await ada.room("other").send("a message that is answered after the release");
  expect(await presence(gateway, "team-7")).toBe(1);
  second.release();
  await until("ada to have left the room", async () => (await presence(gateway, "team-7")) === 0, 30_000, 5);
});

test("a room that is released while the client is not connected is left when the client is recovered", async () => {
  const gateway = await on.gateway();
  const ada = clientOf(gateway, { socketOptions: { reconnectionDelay: 2_000, randomizationFactor: 0 } });
  const room = ada.room("team-7");
  await until("ada to be in the room", async () => (await presence(gateway, "team-7")) === 1, 30_000, 5);
  cut(gateway);
  await eventually("ada to notice the lost connection", () => ada.status.state === "reconnecting");
  room.release();
  await eventually("ada to be back", () => ada.status.state === "live");
  await until("ada to have left the room", async () => (await presence(gateway, "team-7")) === 0, 30_000, 5);
});

test("stays in a room that is requested again before the first join is answered", async () => {
  const app = await startAppServer();
  on.defer(() => app.stop());
  const answered = Promise.withResolvers<void>();
  app.answer(() => answered.promise.then(() => ({})));
  const entry = { name: "rules", url: app.url, hooks: ["join"], timeoutMilliseconds: 20_000 };
  const gateway = await on.gateway(handlersEnvironment(entry));
  const ada = clientOf(gateway);
  const first = ada.room("team-7");
  await eventually("the gateway to ask the handler", () => app.got.length === 1);
  first.release();
  await sleep(LEAVE_AFTER_MS + 100);
  const second = ada.room("team-7");
  answered.resolve();
  expect(await second.send("hello")).toMatchObject({ ok: true });
  expect(await presence(gateway, "team-7")).toBe(1);
});

test("a gap is reported at the first join and after a connection that was not recovered, and at no other time", async () => {
  const gateway = await on.gateway({ RECOVERY_WINDOW_SECONDS: "0" });
  const ada = clientOf(gateway);
  const room = ada.room("team-7");
  let gaps = 0;
  room.onGap(() => (gaps += 1));
  await eventually("the first join", () => gaps === 1);
  expect(await room.send("one")).toMatchObject({ ok: true });
  cut(gateway);
  await eventually("the second join", () => gaps === 2);
  expect(await room.send("two")).toMatchObject({ ok: true });
  expect(gaps).toBe(2);
});

test("a follower applies the events that came during its load, after the load and in order", async () => {
  const gateway = await on.gateway();
  const ada = clientOf(gateway);
  const room = ada.room("team-7");
  const log: unknown[] = [];
  const loaded = Promise.withResolvers<void>();
  room.follow({
    load: async () => {
      await loaded.promise;
      log.push("loaded");
    },
    apply: (event, payload) => event === "message" && log.push((payload as { message: unknown }).message),
  });
  for (const message of [1, 2]) await room.send(message);
  loaded.resolve();
  await eventually("both events to be applied", () => log.length === 3);
  expect(log).toEqual(["loaded", 1, 2]);
});

test("a message waits for the connection when there is none", async () => {
  const gateway = await on.gateway();
  const ada = clientOf(gateway);
  const room = ada.room("team-7");
  await room.send("first");
  cut(gateway);
  await eventually("ada to notice the lost connection", () => ada.status.state === "reconnecting");
  expect(await room.send("second")).toMatchObject({ ok: true });
  expect(ada.status).toEqual({ state: "live" });
});

test.each([
  { when: "the message is too large", message: "x".repeat(2_000), want: "MESSAGE_TOO_LARGE" },
  { when: "its deadline has passed", message: "x", timeoutMs: 0, want: "TIMEOUT" },
])("a send fails with $want when $when", async ({ message, timeoutMs, want }) => {
  const gateway = await on.gateway({ WS_MAX_MESSAGE_BYTES: "1024" });
  const room = clientOf(gateway).room("team-7");
  const options = timeoutMs === undefined ? {} : { timeoutMs };
  expect(await room.send(message, options)).toMatchObject({ ok: false, code: want });
});

test("an expired token is replaced once, and the client is live", async () => {
  const gateway = await on.gateway();
  let fetches = 0;
  const token = (): Promise<string> => {
    fetches += 1;
    return signToken(JWT_SECRET, { sub: "ada", rooms: ["*"], lifetimeSeconds: fetches === 1 ? -3_600 : 3_600 });
  };
  const ada = clientOf(gateway, { token });
  await eventually("ada to be live", () => ada.status.state === "live");
  expect(fetches).toBe(2);
});

test("the status has the reason when the gateway refuses the client permanently", async () => {
  const gateway = await on.gateway({ REALTIME_CORS_ORIGIN: "https://app.example.com" });
  const ada = clientOf(gateway, { socketOptions: { extraHeaders: { origin: "https://elsewhere.example" } } });
  await eventually("ada to be refused", () => ada.status.state === "refused");
  expect(ada.status).toMatchObject({ state: "refused", refusal: { code: "ORIGIN_REFUSED" } });
});

test("reports a room that the token does not open", async () => {
  const gateway = await on.gateway();
  const ada = clientOf(gateway, { token: () => signToken(JWT_SECRET, { sub: "ada", rooms: ["team-7"] }) });
  const refusals: string[] = [];
  ada.room("secret").onRefused(({ code }) => refusals.push(code));
  await eventually("the refusal", () => refusals.length > 0);
  expect(refusals).toEqual(["FORBIDDEN"]);
});
