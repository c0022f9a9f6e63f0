import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { until } from "../../../testkit/until.ts";
import { metricOf } from "../../../testkit/gateway/gateway-api.ts";
import type { TestClient } from "../../../testkit/gateway/gateway-client.ts";
import type { TestGateway } from "../support/gateway.ts";
import { stage } from "../support/stage.ts";
import { handlersEnvironment, isSigned, startAppServer, type AppServer } from "./app-server.ts";

const on = stage();
let app: AppServer;
let gateways: TestGateway[];
let ada: TestClient;
let bob: TestClient;

beforeEach(async () => {
  app = await startAppServer();
  const entry = { name: "orders", url: app.url, events: ["order:*", "cart:add"] };
  ({ gateways } = await on.cluster(2, handlersEnvironment(entry)));
  ada = await on.connect(gateways[0]!, { user: "ada", rooms: ["team"] });
  bob = await on.connect(gateways[1]!, { user: "bob", rooms: ["team"] });
});
afterEach(() => app.stop());

describe("a request to a handler", () => {
  test("has the form of the contract and a valid signature", async () => {
    await ada.ask("join_room", { room: "team" });
    app.answer(() => ({ ack: { number: 7 } }));
    expect(await ada.ask("order:place", { item: "té", count: 2 })).toEqual({ number: 7 });
    const [got] = app.got;
    expect(got!.body).toEqual({
      version: 1,
      id: expect.stringMatching(/^[\da-f-]{36}$/),
      kind: "event",
      cluster: "realtime",
      namespace: "/events",
      event: "order:place",
      data: { item: "té", count: 2 },
      ack: true,
      user: "ada",
      socketId: ada.socket.id,
      sessionId: expect.any(String),
      rooms: ["team"],
      claims: expect.objectContaining({ sub: "ada", rooms: ["team"], exp: expect.any(Number) }),
      headers: {},
    });
    expect([got!.method, got!.path, got!.headers["content-type"]]).toEqual(["POST", "/realtime", "application/json"]);
    expect(isSigned(got!)).toBe(true);
    const [, seconds] = /^t=(\d+)/.exec(String(got!.headers["x-realtime-signature"]))!;
    expect(Math.abs(Number(seconds) - Date.now() / 1_000)).toBeLessThan(60);
  });

  test("says that the client asked for no ack, and has null for no payload", async () => {
    ada.socket.emit("cart:add");
    await until("the request", async () => app.got.length === 1, 10_000, 5);
    expect(app.got[0]!.body).toMatchObject({ event: "cart:add", data: null, ack: false });
  });

  test("is made for matching names only", async () => {
    for (const event of ["cart:remove", "cart:adds", "orders", "ORDER:place", `order:${"x".repeat(60)}`])
      expect(await ada.ask(event, {})).toMatchObject({ code: "UNKNOWN_EVENT" });
    expect(app.got).toEqual([]);
  });

  test("uses a connection again", async () => {
    for (let sent = 0; sent < 20; sent += 1) await ada.ask("order:place", { sent });
    expect(app.connections()).toBe(1);
  });

  test.each<{ name: string; args: unknown[]; code: string }>([
    { name: "two payloads", args: [{}, {}], code: "INVALID_INPUT" },
    { name: "bytes", args: [{ file: Buffer.from("abc") }], code: "INVALID_INPUT" },
    { name: "a prototype's key", args: [JSON.parse('{"__proto__":1}')], code: "INVALID_INPUT" },
    { name: "a payload that is too large", args: ["x".repeat(1_100_000)], code: "MESSAGE_TOO_LARGE" },
  ])("is not made for an event with $name", async ({ args, code }) => {
    expect(await ada.ask("order:place", ...args)).toMatchObject({ success: false, code });
    expect(app.got).toEqual([]);
  });
});

describe("an answer", () => {
  test("without an ack acknowledges the event", async () => {
    expect(await ada.ask("order:place", {})).toEqual({ success: true });
  });

  test.each([null, "text", 0, false, [1], { a: null }])("gives the client the ack %j", async (ack) => {
    app.answer(() => ({ ack }));
    expect(await ada.ask("order:place", {})).toEqual(ack);
  });

  test("with an error refuses the event, in the ack and as an event", async () => {
    app.answer(() => ({ error: { code: "SOLD_OUT", message: "no more", retryAfter: 30 } }));
    expect(await ada.ask("order:place", {})).toEqual({
      ...{ success: false, code: "SOLD_OUT", error: "no more", retryAfter: 30 },
    });
    expect(await ada.next("error")).toEqual({
      ...{ code: "SOLD_OUT", message: "no more", retryAfter: 30, event: "order:place" },
    });
    expect(await metricOf(gateways[0]!, "realtime_handler_seconds_count", { result: "error" })).toBe(1);
    expect(await metricOf(gateways[0]!, "realtime_refusals_total", { code: "HANDLER" })).toBe(1);
  });

  test("may use FORBIDDEN for its own refusal", async () => {
    app.answer(() => ({ error: { code: "FORBIDDEN", message: "not yours" } }));
    expect(await ada.ask("order:place", {})).toMatchObject({ code: "FORBIDDEN", error: "not yours" });
  });

  test("is measured", async () => {
    await ada.ask("order:place", {});
    const labels = { handler: "orders", kind: "event", result: "ok" };
    expect(await metricOf(gateways[0]!, "realtime_handler_seconds_count", labels)).toBe(1);
    expect(await metricOf(gateways[0]!, "realtime_handler_in_flight", { handler: "orders" })).toBe(0);
  });
});

describe("the commands of an answer", () => {
  test("are applied in order, before the ack", async () => {
    await bob.ask("join_room", { room: "team" });
    app.answer(() => ({
      ack: "done",
      do: [
        { emit: ["order:seen", { n: 1 }] },
        { join: "team" },
        { publish: { room: "team", event: "order:placed", data: { n: 2 } } },
        { publish: { room: "team", event: "order:other", data: { n: 3 }, exceptSender: true } },
        { publish: { room: "team", event: "order:fast", data: { n: 4 }, volatile: true } },
        { publish: { room: "team", event: "order:bare" } },
        { leave: "team" },
        { publish: { room: "team", event: "order:late" } },
        { emit: ["order:end"] },
      ],
    }));
    expect(await ada.ask("order:place", {})).toBe("done");
    const mine = ada.seen.filter(({ event }) => event.startsWith("order:")).map(({ event }) => event);
    expect(mine).toEqual(["order:seen", "order:placed", "order:fast", "order:bare", "order:end"]);
    await bob.next("order:late");
    // Volatile messages reach other gateways on another channel, so their place among the other messages is not
    // certain.
    await bob.next("order:fast");
    expect(bob.seen.map(({ event }) => event).filter((event) => event !== "order:fast")).toEqual([
      ...["connected", "user_joined", "order:placed", "order:other", "order:bare", "user_left", "order:late"],
    ]);
    expect(bob.all("order:placed")).toEqual([{ n: 2 }]);
  });

  test("enter a room that the token does not list, within the room limit", async () => {
    app.answer(({ body }) => ({ do: [{ join: body.data as string }] }));
    expect(await ada.ask("join_room", { room: "vip" })).toMatchObject({ code: "FORBIDDEN" });
    expect(await ada.ask("order:place", "vip")).toEqual({ success: true });
    expect(await ada.ask("send_message", { room: "vip", message: "hello" })).toMatchObject({ success: true });
    await ada.ask("order:place", "other");
    expect(app.got[1]!.body["rooms"]).toEqual(["vip"]);
  });

  test("disconnect the client after its ack, and it reconnects by itself", async () => {
    const carl = await on.connect(gateways[0]!, {
      user: "carl",
      options: { reconnection: true, reconnectionDelay: 10 },
    });
    app.answer(() => ({ ack: "bye", do: [{ disconnect: { reconnect: true } }, { emit: ["never"] }] }));
    expect(await carl.ask("order:place", {})).toBe("bye");
    await carl.next("connected", () => carl.all("connected").length === 2);
    expect([carl.disconnects, carl.all("never")]).toEqual([["transport close"], []]);
    expect(await metricOf(gateways[0]!, "realtime_closed_total", { reason: "handler" })).toBe(1);
  });

  test("disconnect the client so that it stays away", async () => {
    const carl = await on.connect(gateways[0]!, {
      user: "carl",
      options: { reconnection: true, reconnectionDelay: 10 },
    });
    app.answer(() => ({ ack: "bye", do: [{ disconnect: { reconnect: false } }] }));
    expect(await carl.ask("order:place", {})).toBe("bye");
    await until("the end", async () => carl.disconnects.length === 1, 10_000, 5);
    expect([carl.disconnects, carl.socket.active]).toEqual([["io server disconnect"], false]);
  });
});

test("a room limit ends the commands, and the client is told", async () => {
  const limited = await on.gateway({
    ...handlersEnvironment({ name: "orders", url: app.url, events: ["order:*"] }),
    WS_MAX_ROOMS_PER_USER: "1",
  });
  const carl = await on.connect(limited, { user: "carl" });
  app.answer(() => ({ ack: "done", do: [{ join: "one" }, { join: "two" }, { emit: ["never"] }] }));
  expect(await carl.ask("order:place", {})).toMatchObject({ code: "ROOM_LIMIT_EXCEEDED", currentRoomCount: 1 });
  expect(carl.all("never")).toEqual([]);
});

test("the limit of events holds before a handler is called", async () => {
  const limited = await on.gateway({
    ...handlersEnvironment({ name: "orders", url: app.url, events: ["order:*"] }),
    WS_RATE_LIMIT_EVENTS_PER_MINUTE: "2",
  });
  const carl = await on.connect(limited, { user: "carl" });
  for (const want of [{ success: true }, { success: true }, { code: "RATE_LIMIT_EXCEEDED" }])
    expect(await carl.ask("order:place", {})).toMatchObject(want);
  expect(app.got).toHaveLength(2);
});
