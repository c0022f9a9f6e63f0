import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { until } from "../../../testkit/until.ts";
import { callApi, metricOf } from "../../../testkit/gateway/gateway-api.ts";
import type { TestClient } from "../../../testkit/gateway/gateway-client.ts";
import type { TestGateway } from "../support/gateway.ts";
import { stage } from "../support/stage.ts";
import { handlersEnvironment, startAppServer, type AppServer } from "./app-server.ts";

const on = stage();
const NO = { error: { code: "MEMBERS_ONLY", message: "ask an admin", retryAfter: 5 } };
let app: AppServer;
let gateways: TestGateway[];
let ada: TestClient;
let bob: TestClient;

beforeEach(async () => {
  app = await startAppServer();
  await begin();
});
afterEach(() => app.stop());

async function begin(more: object = {}): Promise<void> {
  const entry = { name: "rules", url: app.url, hooks: ["join", "publish"], timeoutMilliseconds: 10_000, ...more };
  ({ gateways } = await on.cluster(2, { ...handlersEnvironment(entry), WS_MAX_ROOMS_PER_USER: "2" }));
  ada = await on.connect(gateways[0]!, { user: "ada", rooms: ["team", "other", "third", "case:*"] });
  bob = await on.connect(gateways[1]!, { user: "bob" });
}

describe("the hook join", () => {
  test("asks with the room, and an answer without error lets the client in", async () => {
    app.answer(() => ({ do: [{ emit: ["history", [1, 2]] }] }));
    expect(await ada.ask("join_room", { room: "team" })).toEqual({ success: true, participantCount: 1 });
    expect(app.got[0]!.body).toMatchObject({
      kind: "join",
      data: { room: "team" },
      user: "ada",
      rooms: [],
      ack: false,
    });
    expect(app.got[0]!.body).not.toHaveProperty("event");
    expect(ada.all("history")).toEqual([[1, 2]]);
    expect(await metricOf(gateways[0]!, "realtime_handler_seconds_count", { kind: "join", result: "ok" })).toBe(1);
  });

  test("refuses with the handler's own code, and the client is in no room", async () => {
    app.answer(() => NO);
    const want = { code: "MEMBERS_ONLY", retryAfter: 5 };
    expect(await ada.ask("join_room", { room: "team" })).toEqual({ success: false, ...want, error: "ask an admin" });
    expect(await ada.next("error")).toEqual({ ...want, message: "ask an admin", event: "join_room" });
    expect(await ada.ask("subscribe:case", { caseId: "7" })).toMatchObject({ status: "error", ...want });
    const { body } = await callApi(gateways[1]!, "/api/presence?room=team");
    expect(body).toMatchObject({ participantCount: 0 });
    app.answer(() => ({}));
    for (const room of ["team", "other"])
      expect(await ada.ask("join_room", { room })).toMatchObject({ success: true, participantCount: 1 });
  });

  test("is not asked about a room that the token or the room limit forbids, or that the client is in", async () => {
    expect(await ada.ask("join_room", { room: "secret" })).toMatchObject({ code: "FORBIDDEN" });
    await ada.ask("join_room", { room: "team" });
    await ada.ask("join_room", { room: "team" });
    await ada.ask("join_room", { room: "other" });
    expect(await ada.ask("join_room", { room: "third" })).toMatchObject({ code: "ROOM_LIMIT_EXCEEDED" });
    expect(app.got.map(({ body }) => body.data)).toEqual([{ room: "team" }, { room: "other" }]);
  });

  test("keeps the order of the client's own events", async () => {
    bob.socket.emit("join_room", { room: "team" });
    await until("bob", async () => app.got.length === 1, 5_000, 5);
    app.answer(async ({ body }) => {
      if (body.kind === "join") await new Promise((resolve) => setTimeout(resolve, 50));
      return {};
    });
    ada.socket.emit("join_room", { room: "team" });
    expect(await ada.ask("send_message", { room: "team", message: "hello" })).toMatchObject({ success: true });
    await bob.next("message", ({ message }) => message === "hello");
  });
});

describe("the hook publish", () => {
  beforeEach(async () => {
    for (const one of [ada, bob]) await one.ask("join_room", { room: "team" });
  });

  test("asks with the room and the message, before it is sent", async () => {
    app.answer(() => ({ do: [{ publish: { room: "team", event: "checked" } }] }));
    expect(await ada.ask("send_message", { room: "team", message: { text: "hello" } })).toMatchObject({
      success: true,
    });
    expect(app.got.at(-1)!.body).toMatchObject({ kind: "publish", data: { room: "team", message: { text: "hello" } } });
    expect(await bob.next("message")).toMatchObject({ message: { text: "hello" } });
    await bob.next("checked");
  });

  test("refuses a message, and nobody gets it", async () => {
    app.answer(({ body }) => ((body.data as { message: string }).message === "bad" ? NO : {}));
    expect(await ada.ask("send_message", { room: "team", message: "bad" })).toMatchObject({ code: "MEMBERS_ONLY" });
    expect(await ada.ask("send_message", { room: "team", message: "good" })).toMatchObject({ success: true });
    await bob.next("message");
    expect(bob.all("message").map(({ message }) => message)).toEqual(["good"]);
  });

  test("is not asked about a room that the client is not in", async () => {
    const before = app.got.length;
    expect(await ada.ask("send_message", { room: "other", message: "hello" })).toMatchObject({ code: "NOT_IN_ROOM" });
    expect(app.got).toHaveLength(before);
  });

  test("keeps the order of messages, and the meaning of a key", async () => {
    app.answer(async () => {
      await new Promise((resolve) => setTimeout(resolve, Math.random() * 3));
      return {};
    });
    const numbers = Array.from({ length: 30 }, (_, index) => index);
    await Promise.all(numbers.map((message) => ada.ask("send_message", { room: "team", message: `${message}` })));
    await bob.next("message", ({ message }) => message === "29");
    expect(bob.all("message").map(({ message }) => message)).toEqual(numbers.map(String));
    for (const key of ["one", "one"]) await ada.ask("send_message", { room: "team", message: "keyed", key });
    await ada.ask("send_message", { room: "team", message: "last" });
    await bob.next("message", ({ message }) => message === "last");
    expect(bob.all("message").filter(({ message }) => message === "keyed")).toHaveLength(1);
  });
});

describe("a hook whose handler does not answer", () => {
  test("refuses by default", async () => {
    await app.stop();
    expect(await ada.ask("join_room", { room: "team" })).toMatchObject({ success: false, code: "HANDLER_UNAVAILABLE" });
    await app.restart();
    expect(await ada.ask("join_room", { room: "team" })).toMatchObject({ success: true, participantCount: 1 });
  });

  test("allows with onFailure Allow, at once when the handler is away", async () => {
    await begin({ onFailure: "Allow" });
    await app.stop();
    expect(await ada.ask("join_room", { room: "team" })).toMatchObject({ success: true });
    for (let sent = 0; sent < 20; sent += 1)
      expect(await ada.ask("send_message", { room: "team", message: "hello" })).toMatchObject({ success: true });
    await app.restart();
  });
});
