import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { until } from "../../../testkit/until.ts";
import { metricOf } from "../../../testkit/gateway/gateway-api.ts";
import { cut, held, returning } from "../recovery/returning.ts";
import type { TestGateway } from "../support/gateway.ts";
import { stage } from "../support/stage.ts";
import { handlersEnvironment, startAppServer, type AppServer } from "./app-server.ts";

const on = stage();
let app: AppServer;
let gateway: TestGateway;

beforeEach(async () => {
  app = await startAppServer();
  await begin();
});
afterEach(() => app.stop());

async function begin(more: object = {}, env: Record<string, string> = {}): Promise<void> {
  const entry = {
    name: "door",
    url: app.url,
    hooks: ["connect"],
    events: ["order:*"],
    timeoutMilliseconds: 10_000,
    ...more,
  };
  gateway = await on.gateway({ ...handlersEnvironment(entry), ...env });
}

/** Number of clients that wait for the application's decision, or for their request to the application to be sent. */
async function waitingCount(): Promise<number> {
  return gateway.gateway.pendingCount();
}

describe("the hook connect", () => {
  test("asks after the token was verified, and an answer may name rooms", async () => {
    app.answer(() => ({ do: [{ join: "vip" }, { emit: ["welcome", { back: false }] }] }));
    expect(await on.refused(gateway, { token: "forged" })).toMatchObject({ code: "UNAUTHENTICATED" });
    expect(app.got).toEqual([]);
    const ada = await on.connect(gateway, { user: "ada", rooms: [] });
    await ada.next("welcome");
    expect(app.got[0]!.body).toMatchObject({
      ...{ kind: "connect", data: null, ack: false, user: "ada", namespace: "/events", socketId: ada.socket.id },
      ...{ sessionId: "", rooms: [], claims: { sub: "ada" } },
    });
    expect(ada.seen.map(({ event }) => event)).toEqual(["connected", "welcome"]);
    expect(await ada.ask("send_message", { room: "vip", message: "hello" })).toMatchObject({ success: true });
  });

  test.each([
    ["/events", "websocket"],
    ["/messaging", "websocket"],
    ["/events", "polling"],
  ])("gets the listed headers of the handshake and no others, in %s over %s", async (namespace, transport) => {
    const cookie = "a".repeat(4_097);
    const extraHeaders = {
      origin: "http://localhost",
      "user-agent": "test/1",
      "x-plan": "gold",
      cookie,
      accept: "*/*",
    };
    await begin(
      {},
      {
        HANDLER_HEADERS: "User-Agent, x-plan, cookie, x-none",
        REALTIME_CORS_ORIGIN: "http://localhost",
        WS_TRANSPORTS: "polling,websocket",
      },
    );
    const ada = await on.connect(gateway, { namespace, options: { extraHeaders, transports: [transport] } });
    await ada.ask("order:list", {});
    const headers = { "user-agent": "test/1", "x-plan": "gold" };
    expect(app.got.map(({ body }) => body["headers"])).toEqual([headers, headers]);
  });

  test("gets the origin when no headers are listed", async () => {
    const extraHeaders = { origin: "http://localhost", cookie: "secret" };
    await begin({}, { REALTIME_CORS_ORIGIN: "http://localhost" });
    await on.connect(gateway, { options: { extraHeaders } });
    expect(app.got[0]!.body["headers"]).toEqual({ origin: "http://localhost" });
  });

  test("refuses with the handler's own code, and the client takes no seat", async () => {
    app.answer(() => ({ error: { code: "BANNED", message: "not today", retryAfter: 60 } }));
    expect(await on.refused(gateway)).toEqual({ code: "BANNED", message: "not today", retryAfter: 60 });
    expect(await metricOf(gateway, "realtime_refusals_total", { code: "HANDLER", at: "handshake" })).toBe(1);
    expect(gateway.ledger.state().connections).toBe(0);
  });

  test("keeps stock clients trying while the handler is away, and lets them in after its return", async () => {
    await app.stop();
    const ada = await on.open(gateway, {
      options: { reconnection: true, reconnectionDelay: 50, reconnectionDelayMax: 100 },
    });
    await until(
      "a refusal",
      async () => (await metricOf(gateway, "realtime_refusals_total", { code: "HANDLER_UNAVAILABLE" })) > 0,
      10_000,
      20,
    );
    expect(ada.socket.active).toBe(true);
    await app.restart();
    await ada.next("connected");
  });

  test("lets clients in without an answer with onFailure Allow", async () => {
    await begin({ onFailure: "Allow" });
    await app.stop();
    await on.connect(gateway);
    await app.restart();
  });

  test("is paced when many clients come at once, and those that would wait for long are turned away", async () => {
    await begin({}, { DRAIN_CONNECTIONS_PER_SECOND: "1" });
    for (let index = 0; index < 40; index += 1) await on.open(gateway, { user: `user${index}` });
    // The gateway asks the application about one client at once, and about one more per second. It refuses clients that
    // would wait longer than 15 s.
    const refused = () => metricOf(gateway, "realtime_refusals_total", { code: "RATE_LIMIT_EXCEEDED" });
    await until("refusals", async () => (await refused()) > 0, 10_000, 20);
    expect(app.got.length).toBeLessThan(40);
  });

  test("keeps stock clients trying that found the queue full, and lets them in when it has places", async () => {
    await begin({ maxInFlight: 1 });
    const asked = Promise.withResolvers<object>();
    app.answer(() => asked.promise);
    for (let index = 0; index < 129; index += 1) await on.open(gateway, { user: `user${index}` });
    await until("a full queue", async () => (await waitingCount()) === 129, 20_000, 20);
    const late = await on.turnedAway(gateway, "RATE_LIMIT_EXCEEDED", { user: "late" });
    asked.resolve({});
    await late.next("connected");
  });

  test("lets clients in that would wait for too long with onFailure Allow", async () => {
    await begin({ onFailure: "Allow" }, { DRAIN_CONNECTIONS_PER_SECOND: "1" });
    app.answer(() => new Promise(() => undefined));
    const clients = await Promise.all(
      Array.from({ length: 40 }, (_, index) => on.open(gateway, { user: `user${index}` })),
    );
    await until("some", async () => clients.filter(({ socket }) => socket.connected).length > 15, 10_000, 20);
    expect(await metricOf(gateway, "realtime_refusals_total")).toBe(0);
  });

  test("asks about a client that returns as well, which is recovered with its rooms", async () => {
    app.answer(() => ({ do: [{ join: "vip" }] }));
    const ada = await on.connect(gateway, { rooms: [] });
    app.answer(({ body }) => ({ ack: body["rooms"] }));
    expect(await ada.ask("order:list", {})).toEqual(["vip"]);
    const session = held(ada);
    await cut(ada, gateway);
    app.answer(() => ({}));
    const back = await on.connect(gateway, await returning(session, { rooms: [] }));
    expect(await back.next("connected")).toMatchObject({ recovered: true, lostRooms: [] });
    app.answer(({ body }) => ({ ack: body["rooms"] }));
    expect(await back.ask("order:list", {})).toEqual(["vip"]);
  });
});
