import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { build } from "esbuild";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { runGateway } from "../../../testkit/gateway/gateway-process.ts";
import { testEnvironment } from "../../../testkit/gateway/gateway-settings.ts";
import { callApi, metricOf } from "../../../testkit/gateway/gateway-api.ts";
import { until } from "../../../testkit/until.ts";
import { contract } from "../../src/contract.ts";
import { stage } from "../support/stage.ts";
import { handlersEnvironment, startAppServer } from "./app-server.ts";

const on = stage();
let folder: string;
let HANDLERS_MODULE: string;

// Build the module into one file with all its packages, as docs/handlers.md does for an image.
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "handlers-module-"));
  HANDLERS_MODULE = join(folder, "handlers.mjs");
  const entry = join(import.meta.dirname, "testdata/handlers.mjs");
  await build({ entryPoints: [entry], bundle: true, platform: "node", format: "esm", outfile: HANDLERS_MODULE });
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test("a module in the image answers in order, refuses and sends like a listed handler", async () => {
  const app = await startAppServer(() => ({ ack: "listed" }));
  on.defer(() => app.stop());
  const list = handlersEnvironment({ name: "orders", url: app.url, events: ["order:*", "cart:add"] });
  const gateway = await on.child({ ...list, HANDLERS_MODULE });
  const ada = await on.connect(gateway, { rooms: [] });
  expect(await ada.ask("order:place", { item: "tea" })).toEqual({ item: "tea", by: "ada" });
  expect(await ada.next("order:placed")).toEqual({ item: "tea", by: "ada" });
  expect(await ada.ask("order:place", {})).toMatchObject({ code: "INVALID_INPUT", error: "item: must be text" });
  const refusal = { code: "SOLD_OUT", retryAfter: 60 };
  expect(await ada.ask("order:place", { item: "gin" })).toEqual({ success: false, ...refusal, error: "no more gin" });
  expect(await ada.ask("order:context", {})).toEqual({
    ...{ id: expect.any(String), cluster: "realtime", event: "order:context", wantsAck: true, user: "ada" },
    ...{ rooms: ["user:ada", "orders"], claims: expect.objectContaining({ sub: "ada" }), headers: {} },
    ...{ sessionId: expect.any(String), socketId: ada.socket.id, namespace: "/events" },
  });
  expect(await ada.ask("order:cancel", {})).toBe("order:cancel");
  expect(await ada.ask("cart:add", {})).toBe("listed");
  const asked = [30, 10, 0].map((ms, at) => ada.ask("order:slow", { ms, name: `event-${at}` }));
  expect((await Promise.all(asked)).at(-1)).toEqual(["event-0", "event-1", "event-2"]);
  expect(await ada.ask("order:hang", {})).toMatchObject({ code: "HANDLER_UNAVAILABLE", retryAfter: 1 });
  expect(await ada.ask("order:reserved", {})).toMatchObject({ code: "HANDLER_UNAVAILABLE" });
  const labels = { handler: "HANDLERS_MODULE", kind: "event" };
  for (let failed = 0; failed < 4; failed += 1) await ada.ask("order:reserved", {});
  const { handlers: states } = (await callApi(gateway, contract.paths.health)).body as { handlers: object[] };
  const failure = { reason: "invalid", detail: expect.any(String), since: expect.any(String) };
  expect(states).toContainEqual({ handler: "HANDLERS_MODULE", breaker: "closed", failure });
  for (const [result, count] of Object.entries({ ok: 6, error: 2, timeout: 1, invalid: 5 }))
    expect(await metricOf(gateway, "realtime_handler_seconds_count", { ...labels, result })).toBe(count);
});

test("an error of the module is INTERNAL to its client and does not end the gateway", async () => {
  const gateway = await on.child({ HANDLERS_MODULE });
  const ada = await on.connect(gateway, { rooms: [] });
  expect(await ada.ask("order:throw", {})).toMatchObject({ success: false, code: "INTERNAL" });
  expect(await ada.ask("order:claims", {})).toMatchObject({ code: "INTERNAL" });
  expect(await ada.ask("order:later", {})).toEqual({ success: true });
  expect(await ada.ask("order:block", {})).toEqual({ success: true });
  const entries = () => gateway.log().filter(({ handler }) => handler === "HANDLERS_MODULE");
  await until("all entries", async () => entries().length >= 6, 10_000, 20);
  const messages = entries().map(({ msg, event, err }) => [msg, event, (err as Error | undefined)?.message]);
  const failed = "handler of the image failed";
  expect(messages.sort()).toEqual(
    [
      [failed, "order:throw", "thrown by the handler"],
      [failed, "order:claims", "Cannot add property 0, object is not extensible"],
      [failed, undefined, "rejected later"],
      [failed, undefined, "thrown by a timer"],
      [failed, undefined, "emitted later"],
      ["handler of the image blocks all clients", "order:block", undefined],
    ].sort(),
  );
  expect(entries().find(({ event }) => event === "order:block")!["milliseconds"]).toBeGreaterThanOrEqual(50);
  expect(await ada.ask("order:place", { item: "tea" })).toEqual({ item: "tea", by: "ada" });
});

test("hooks of the module decide", async () => {
  const gateway = await on.child({ HANDLERS_MODULE, PRESENCE_GRACE_SECONDS: "0" });
  const ada = await on.connect(gateway, { rooms: ["*"] });
  expect(await ada.ask("join_room", { room: "secret" })).toMatchObject({ code: "FORBIDDEN", error: "not you" });
  expect(await ada.ask("join_room", { room: "team" })).toMatchObject({ success: true });
  expect(await ada.ask("send_message", { room: "team", message: "spam" })).toMatchObject({ code: "SPAM" });
  expect(await ada.ask("send_message", { room: "team", message: "hi" })).toMatchObject({ success: true });
  (await on.connect(gateway, { user: "bob" })).socket.disconnect();
  await until("the report", async () => (await ada.ask("order:gone", {}))["length"] !== 0, 20_000, 100);
  expect(await ada.ask("order:gone", {})).toEqual([{ user: "bob", reason: "left" }]);
  expect(await on.refused(gateway, { user: "mallory" })).toMatchObject({ code: "BANNED" });
  await on.turnedAway(gateway, "INTERNAL", { user: "broken" });
});

test("a gateway whose module has a mistake does not start", async () => {
  const { code, stderr } = await runGateway({ ...testEnvironment, HANDLERS_MODULE: join(folder, "missing.mjs") });
  expect([code, stderr]).toEqual([2, expect.stringContaining("does not exist: copy the file into the image")]);
});
