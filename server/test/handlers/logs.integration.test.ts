import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { until } from "../../../testkit/until.ts";
import { runGateway } from "../../../testkit/gateway/gateway-process.ts";
import { testEnvironment } from "../../../testkit/gateway/gateway-settings.ts";
import { stage } from "../support/stage.ts";
import { handlersEnvironment, HANDLER_SECRET, startAppServer, type AppServer } from "./app-server.ts";

const on = stage();
let app: AppServer;
beforeEach(async () => {
  app = await startAppServer();
});
afterEach(() => app.stop());

test("the log names the handler and the reason, and holds neither payloads nor the secret", async () => {
  const gateway = await on.child(handlersEnvironment({ name: "orders", url: app.url, events: ["order:*"] }));
  const ada = await on.connect(gateway, { user: "lovelace" });
  app.answer(() => ({ ack: "earl-grey", do: [{ join: "no spaces" }] }));
  for (let sent = 0; sent < 3; sent += 1) await ada.ask("order:place", { item: "oolong" });
  await app.stop();
  for (let sent = 0; sent < 6; sent += 1) await ada.ask("order:place", { item: "oolong" });
  await app.restart();
  await until(
    "an answer",
    async () => (await ada.ask("order:place", {})) !== undefined && app.got.length > 3,
    5_000,
    50,
  );
  const told = () => gateway.log().filter(({ handler }) => handler === "orders");
  await until("four log lines", async () => told().length >= 4, 10_000, 20);
  const about = told();
  expect(about.map(({ msg, reason }) => [msg, reason])).toEqual([
    ["handler request failed", "invalid"],
    ["handler request failed", "connect_failed"],
    ["handler does not answer, its events are refused", undefined],
    ["handler answers again", undefined],
  ]);
  expect(about[0]).toMatchObject({ detail: expect.stringContaining("do.0"), kind: "event", count: 1 });
  const all = JSON.stringify(gateway.log());
  for (const secret of ["lovelace", "oolong", "earl-grey", HANDLER_SECRET]) expect(all).not.toContain(secret);
});

test("a gateway with a wrong list does not start, and names every mistake", async () => {
  const { code, stderr } = await runGateway({
    ...testEnvironment,
    HANDLERS: JSON.stringify([{ name: "Orders", url: "orders", events: ["join_room"] }]),
  });
  expect(code).toBe(2);
  for (const field of ["HANDLERS[0].name", "HANDLERS[0].url", "HANDLERS[0].events[0]", "HANDLER_SECRET is required"])
    expect(stderr).toContain(field);
});
