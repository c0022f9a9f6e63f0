import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { until } from "../../../testkit/until.ts";
import { callApi, metricOf } from "../../../testkit/gateway/gateway-api.ts";
import type { TestGateway } from "../support/gateway.ts";
import { stage } from "../support/stage.ts";
import { handlersEnvironment, startAppServer, type AppServer, type Got } from "./app-server.ts";

const on = stage();
let app: AppServer;
let other: AppServer;
beforeEach(async () => {
  [app, other] = await Promise.all([startAppServer(), startAppServer()]);
});
afterEach(() => Promise.all([app.stop(), other.stop()]));

const numbersOf = (got: readonly Got[], user: string) =>
  got.filter(({ body }) => body["user"] === user).map(({ body }) => body.data);
const upTo = (count: number) => Array.from({ length: count }, (_, index) => index);

describe("the events of one client", () => {
  test("reach a handler one after another, while those of other clients do not wait", async () => {
    const gateway = await on.gateway(handlersEnvironment({ name: "orders", url: app.url, events: ["order:*"] }));
    const clients = await Promise.all(["ada", "bob", "carl"].map((user) => on.connect(gateway, { user })));
    const open = new Map<unknown, number>();
    let most = 0;
    app.answer(async ({ body }) => {
      const user = body["user"];
      open.set(user, (open.get(user) ?? 0) + 1);
      expect(open.get(user)).toBe(1);
      most = Math.max(
        most,
        [...open.values()].reduce((sum, one) => sum + one, 0),
      );
      await sleep(Math.random() * 4);
      open.set(user, 0);
      return { ack: body.data };
    });
    const asked = clients.flatMap((one) => upTo(60).map((number) => one.ask("order:place", number)));
    await Promise.all(asked);
    for (const { user } of clients) expect(numbersOf(app.got, user)).toEqual(upTo(60));
    expect(most).toBe(3);
  });

  test("may overtake each other with the order None", async () => {
    const entry = { name: "cursors", url: app.url, events: ["cursor:*"], order: "None", timeoutMilliseconds: 5_000 };
    const ada = await on.connect(await on.gateway(handlersEnvironment(entry)));
    const waiting: (() => void)[] = [];
    app.answer(() => new Promise((resolve) => waiting.push(() => resolve({}))));
    const asked = upTo(5).map((number) => ada.ask("cursor:move", number));
    await until("five requests at once", async () => waiting.length === 5, 5_000, 5);
    for (const answer of waiting) answer();
    await Promise.all(asked);
  });

  test("do not wait for another handler, nor the gateway's own events", async () => {
    const gateway = await on.gateway(
      handlersEnvironment(
        { name: "slow", url: app.url, events: ["slow:*"], timeoutMilliseconds: 30_000 },
        { name: "quick", url: other.url, events: ["quick:*"] },
      ),
    );
    const ada = await on.connect(gateway);
    app.answer(() => undefined);
    for (let sent = 0; sent < 100; sent += 1) ada.socket.emit("slow:one", sent);
    expect(await ada.ask("quick:one", {})).toEqual({ success: true });
    await ada.ask("join_room", { room: "team" });
    expect(await ada.ask("send_message", { room: "team", message: "hello" })).toMatchObject({ success: true });
    await ada.next("message");
    expect(app.got).toHaveLength(1);
  });
});

describe("the first entry that matches", () => {
  test("gets the event, whether by name or by prefix", async () => {
    const gateway = await on.gateway(
      handlersEnvironment(
        { name: "special", url: app.url, events: ["order:special", "cart:*"] },
        { name: "all", url: other.url, events: ["order:*", "cart:add", "*"] },
      ),
    );
    const ada = await on.connect(gateway);
    for (const event of ["order:special", "order:usual", "cart:add", "anything"]) await ada.ask(event, {});
    expect(app.got.map(({ body }) => body.event)).toEqual(["order:special", "cart:add"]);
    expect(other.got.map(({ body }) => body.event)).toEqual(["order:usual", "anything"]);
    expect(await ada.ask("join_room", { room: "team" })).toMatchObject({ success: true, participantCount: 1 });
  });
});

describe("a handler's bounds", () => {
  test("keep requests at maxInFlight, and the queue below its places", async () => {
    const entry = { name: "orders", url: app.url, events: ["order:*"], maxInFlight: 2, timeoutMilliseconds: 30_000 };
    const gateway = await on.gateway(handlersEnvironment(entry));
    const clients = await Promise.all(upTo(6).map((index) => on.connect(gateway, { user: `user${index}` })));
    app.answer(() => undefined);
    const answers: Record<string, unknown>[] = [];
    for (const { socket } of clients)
      for (let sent = 0; sent < 40; sent += 1)
        socket.emit("order:place", sent, (one: Record<string, unknown>) => answers.push(one));
    // Of 240 events, 2 are in flight and 128 are in the queue. The gateway refuses the others.
    await until("the refusals", async () => answers.length === 240 - 130, 10_000, 10);
    expect(new Set(answers.map(({ code }) => code))).toEqual(new Set(["RATE_LIMIT_EXCEEDED"]));
    expect(answers[0]).toMatchObject({ retryAfter: 1 });
    await until("two requests", async () => app.got.length === 2, 5_000, 5);
    expect(await metricOf(gateway, "realtime_handler_in_flight", { handler: "orders" })).toBe(2);
  });
});

describe("a change of the handlers while clients send", () => {
  const put = async (gateway: TestGateway, generation: number, handlers: object[]) =>
    expect((await callApi(gateway, "/config", { method: "PUT", body: { generation, handlers } })).status).toBe(200);

  test("loses no event, sends none twice and keeps each client's order", async () => {
    const entry = { name: "orders", url: app.url, events: ["order:*"], maxInFlight: 32, timeoutMilliseconds: 10_000 };
    const gateway = await on.gateway(handlersEnvironment(entry));
    const clients = await Promise.all(upTo(4).map((index) => on.connect(gateway, { user: `user${index}` })));
    const arrived: Got[] = [];
    const slow = async (got: Got) => {
      arrived.push(got);
      await sleep(2);
      return { ack: got.body.data };
    };
    app.answer(slow);
    other.answer(slow);
    const asked = clients.flatMap((one) => upTo(100).map((number) => one.ask("order:place", number)));
    for (let generation = 1; generation <= 6; generation += 1) {
      await until("some more events", async () => arrived.length >= generation * 40, 10_000, 2);
      const url = generation % 2 === 1 ? other.url : app.url;
      await put(gateway, generation, [{ ...entry, url, maxInFlight: 32 + generation }]);
    }
    const acks = await Promise.all(asked);
    expect(acks).toEqual(clients.flatMap(() => upTo(100)));
    for (const { user } of clients) expect(numbersOf(arrived, user)).toEqual(upTo(100));
    expect(app.got.length).toBeGreaterThan(0);
    expect(other.got.length).toBeGreaterThan(0);
  });

  test("takes handlers away and adds them, without a restart and without a disconnect", async () => {
    const entry = { name: "orders", url: app.url, events: ["order:*"] };
    const gateway = await on.gateway(handlersEnvironment(entry));
    const ada = await on.connect(gateway);
    await put(gateway, 1, [{ name: "carts", url: other.url, events: ["cart:*"] }]);
    expect(await ada.ask("order:place", {})).toMatchObject({ code: "UNKNOWN_EVENT" });
    expect(await ada.ask("cart:add", {})).toEqual({ success: true });
    await put(gateway, 2, []);
    expect(await ada.ask("cart:add", {})).toMatchObject({ code: "UNKNOWN_EVENT" });
    expect(ada.disconnects).toEqual([]);
  });

  test("is refused by name when it is not valid, or when the gateway has no secret", async () => {
    const gateway = await on.gateway(handlersEnvironment());
    const answer = await callApi(gateway, "/config", {
      method: "PUT",
      body: { generation: 1, handlers: [{ name: "orders", url: "ftp://orders", events: ["order:*"] }] },
    });
    expect([answer.status, answer.body["error"]]).toEqual([
      400,
      expect.stringContaining("handlers[0].url must be an http"),
    ]);
    const keyless = await on.gateway();
    const handlers = [{ name: "orders", url: app.url, events: ["order:*"] }];
    const refused = await callApi(keyless, "/config", { method: "PUT", body: { generation: 1, handlers } });
    expect([refused.status, refused.body["error"]]).toEqual([400, expect.stringContaining("HANDLER_SECRET")]);
  });
});
