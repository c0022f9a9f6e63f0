import type { ServerResponse } from "node:http";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { until } from "../../../testkit/until.ts";
import { callApi, metricOf } from "../../../testkit/gateway/gateway-api.ts";
import type { TestClient } from "../../../testkit/gateway/gateway-client.ts";
import { closedPort } from "../support/collector.ts";
import type { TestGateway } from "../support/gateway.ts";
import { stage } from "../support/stage.ts";
import { handlersEnvironment, json, startAppServer, type Answering, type AppServer } from "./app-server.ts";

const on = stage();
const UNAVAILABLE = {
  ...{ success: false, code: "HANDLER_UNAVAILABLE", error: expect.any(String), retryAfter: expect.any(Number) },
};
let app: AppServer;
let gateway: TestGateway;
let ada: TestClient;

beforeEach(async () => {
  app = await startAppServer();
  await begin();
});
afterEach(() => app.stop());

async function begin(more: object = {}): Promise<void> {
  const entry = { name: "orders", url: app.url, events: ["order:*"], timeoutMilliseconds: 10_000, ...more };
  gateway = await on.gateway({ ...handlersEnvironment(entry), WS_MAX_MESSAGE_BYTES: "65536" });
  ada = await on.connect(gateway);
}

const results = (result: string) => metricOf(gateway, "realtime_handler_seconds_count", { result });

function html(response: ServerResponse, text: string, type = "text/html"): undefined {
  response.writeHead(200, { "content-type": type });
  response.end(text);
}

describe("a failed request is refused, counted by its reason and changes nothing", () => {
  test.each<{ name: string; result: string; answer: Answering }>([
    { name: "a status of 500", result: "status", answer: (_, response) => void json(response, {}, 500) },
    { name: "a status of 201", result: "status", answer: (_, response) => void json(response, {}, 201) },
    {
      name: "a redirect",
      result: "redirect",
      answer: (_, response) => void response.writeHead(307, { location: app.url }).end(),
    },
    {
      name: "text that is not JSON",
      result: "invalid",
      answer: (_, response) => html(response, "{", "application/json"),
    },
    { name: "no text", result: "invalid", answer: (_, response) => html(response, "", "application/json") },
    { name: "HTML", result: "content_type", answer: (_, response) => html(response, '{"ack":1}') },
    { name: "a list", result: "invalid", answer: () => [] },
    { name: "an unknown field", result: "invalid", answer: () => ({ does: [] }) },
    { name: "an unknown command", result: "invalid", answer: () => ({ do: [{ join: "a" }, { shout: 1 }] }) },
    { name: "two commands in one", result: "invalid", answer: () => ({ do: [{ join: "a", leave: "b" }] }) },
    {
      name: "a room that is no name",
      result: "invalid",
      answer: () => ({ do: [{ join: "a" }, { join: "no spaces" }] }),
    },
    {
      name: "the gateway's own event",
      result: "invalid",
      answer: () => ({ do: [{ join: "a" }, { emit: ["connected"] }] }),
    },
    { name: "one of our codes", result: "invalid", answer: () => ({ error: { code: "DRAINING", message: "no" } }) },
    { name: "a code in lower case", result: "invalid", answer: () => ({ error: { code: "no", message: "no" } }) },
    { name: "a giant answer", result: "too_large", answer: () => ({ ack: "x".repeat(1_100_000) }) },
    {
      name: "a message above the limit",
      result: "invalid",
      answer: () => ({ do: [{ emit: ["a", "x".repeat(65_536)] }] }),
    },
    {
      name: "deep nesting",
      result: "invalid",
      answer: (_, response) => html(response, "[".repeat(1e5), "application/json"),
    },
    { name: "a reset", result: "reset", answer: ({ reset }) => void reset() },
  ])("when the handler answers with $name", async ({ result, answer }) => {
    app.answer(answer);
    expect(await ada.ask("order:place", {})).toEqual(UNAVAILABLE);
    expect(await ada.next("error")).toMatchObject({ code: "HANDLER_UNAVAILABLE", event: "order:place" });
    expect(await results(result)).toBe(1);
    expect(app.got).toHaveLength(1);
    app.answer(() => ({}));
    expect(await ada.ask("order:place", {})).toEqual({ success: true });
    expect(app.got[1]!.body["rooms"]).toEqual([]);
  });

  test.each<{ name: string; answer: Answering }>([
    { name: "there is no answer in time", answer: () => undefined },
    {
      name: "the body hangs",
      answer: (_, response) => void response.writeHead(200, { "content-type": "application/json" }).write('{"ack":'),
    },
  ])("when $name", async ({ answer }) => {
    await begin({ timeoutMilliseconds: 300 });
    app.answer(answer);
    expect(await ada.ask("order:place", {})).toEqual(UNAVAILABLE);
    expect(await results("timeout")).toBe(1);
  });

  test("and reported in health when it is the fifth in a row, until a valid answer", async () => {
    const states = async () => (await callApi(gateway, "/api/websocket/health")).body["handlers"];
    app.answer((_, response) => void json(response, {}, 500));
    for (let event = 0; event < 4; event += 1) await ada.ask("order:place", {});
    expect(await states()).toEqual([{ handler: "orders", breaker: "closed" }]);
    await ada.ask("order:place", {});
    const failure = { reason: "status", detail: "500", since: expect.any(String) as unknown };
    expect(await states()).toEqual([{ handler: "orders", breaker: "closed", failure }]);
    app.answer(() => ({}));
    await ada.ask("order:place", {});
    expect(await states()).toEqual([{ handler: "orders", breaker: "closed" }]);
  });

  test("and reported in health as an open breaker when nobody listens", async () => {
    await begin({ url: `http://127.0.0.1:${await closedPort()}/` });
    for (let event = 0; event < 5; event += 1) await ada.ask("order:place", {});
    const failure = { reason: "connect_failed", detail: "ECONNREFUSED", since: expect.any(String) as unknown };
    expect((await callApi(gateway, "/api/websocket/health")).body["handlers"]).toEqual([
      { handler: "orders", breaker: "open", failure },
    ]);
  });

  test("when nobody listens", async () => {
    await begin({ url: `http://127.0.0.1:${await closedPort()}/` });
    expect(await ada.ask("order:place", {})).toEqual(UNAVAILABLE);
    expect(await results("connect_failed")).toBe(1);
  });

  test("when the handler speaks no TLS", async () => {
    await begin({ url: app.url.replace("http:", "https:") });
    expect(await ada.ask("order:place", {})).toEqual(UNAVAILABLE);
    expect(await results("tls")).toBe(1);
  });

  test("when the name does not exist", async () => {
    await begin({ url: "http://orders.invalid/" });
    expect(await ada.ask("order:place", {})).toEqual(UNAVAILABLE);
    expect(await results("connect_failed")).toBe(1);
  });
});

test("a host with several addresses is reached on the one that answers", async () => {
  // On most machines localhost is also the address ::1, on which this server does not listen.
  await begin({ url: app.url.replace("127.0.0.1", "localhost") });
  expect(await ada.ask("order:place", {})).toEqual({ success: true });
});

describe("a request that may have reached the handler", () => {
  test("is not sent again", async () => {
    app.answer(({ reset }) => void reset());
    await ada.ask("order:place", {});
    expect(app.got).toHaveLength(1);
  });

  test("is sent once more with the same id when the handler is idempotent", async () => {
    await begin({ idempotent: true });
    app.answer(({ reset }) => (app.got.length === 1 ? void reset() : { ack: "second" }));
    expect(await ada.ask("order:place", {})).toBe("second");
    expect(app.got[1]!.body.id).toBe(app.got[0]!.body.id);
    app.answer(({ reset }) => void reset());
    expect(await ada.ask("order:place", {})).toEqual(UNAVAILABLE);
    expect(app.got).toHaveLength(4);
  });
});

describe("a handler that is away", () => {
  test("is refused without a request, and served again after its return", async () => {
    await app.stop();
    for (let sent = 0; sent < 5; sent += 1) expect(await ada.ask("order:place", {})).toEqual(UNAVAILABLE);
    for (let sent = 0; sent < 50; sent += 1) expect(await ada.ask("order:place", {})).toEqual(UNAVAILABLE);
    expect(await results("unavailable")).toBeGreaterThan(0);
    await app.restart();
    await until(
      "an answer",
      async () => "success" in (await ada.ask("order:place", {})) && app.got.length > 0,
      20_000,
      50,
    );
    expect(await ada.ask("order:place", {})).toEqual({ success: true });
  });

  test("is tested by single requests while it hangs, and the client's other events are undisturbed", async () => {
    await begin({ timeoutMilliseconds: 300 });
    app.answer(() => undefined);
    await Promise.all(Array.from({ length: 20 }, () => ada.ask("order:place", {})));
    const before = app.got.length;
    // The events of one client are handled one after another. After 5 failures the gateway stops asking, and refuses
    // the other 15.
    expect(before).toBe(5);
    expect(await results("unavailable")).toBe(15);
    expect(await ada.ask("join_room", { room: "team" })).toMatchObject({ success: true });
    app.answer(() => ({ ack: "back" }));
    await until("an answer", async () => ((await ada.ask("order:place", {})) as unknown) === "back", 20_000, 50);
  });
});
