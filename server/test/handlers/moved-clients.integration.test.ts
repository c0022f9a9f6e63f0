import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { until } from "../../../testkit/until.ts";
import { metricOf } from "../../../testkit/gateway/gateway-api.ts";
import type { TestClient } from "../../../testkit/gateway/gateway-client.ts";
import { cut, held, returning, type Held } from "../recovery/returning.ts";
import type { TestGateway } from "../support/gateway.ts";
import { stage } from "../support/stage.ts";
import { handlersEnvironment, startAppServer, type AppServer } from "./app-server.ts";

const on = stage();
const COMMANDS = { ack: "late", do: [{ join: "team" }, { emit: ["order:ready", { n: 1 }] }] };
let app: AppServer;
let gateways: TestGateway[];
let ada: TestClient;
let session: Held;
/** Makes the handler answer the event that ada has sent. Before this call, the handler does not answer. */
let answer: () => void;

beforeEach(async () => {
  app = await startAppServer();
  const entry = { name: "orders", url: app.url, events: ["order:*"], timeoutMilliseconds: 30_000 };
  ({ gateways } = await on.cluster(2, handlersEnvironment(entry)));
  ada = await on.connect(gateways[0]!, { rooms: [] });
  app.answer(() => new Promise((resolve) => (answer = () => resolve(COMMANDS))));
  ada.socket.emit("order:place", {});
  await until("the request", async () => app.got.length === 1, 5_000, 5);
  session = held(ada);
});
afterEach(() => app.stop());

const comeBack = async (gateway: TestGateway) => on.connect(gateway, await returning(session, { rooms: [] }));

async function isServedOnce(client: TestClient): Promise<void> {
  expect(await client.next("order:ready")).toEqual({ n: 1 });
  app.answer(({ body }) => ({ ack: body["rooms"] }));
  expect(await client.ask("order:list", {})).toEqual(["team"]);
  expect(client.all("order:ready")).toHaveLength(1);
}

describe("the commands for a client that disconnects while its handler runs", () => {
  test.each([0, 1])("are applied when it has returned to gateway %i before the answer", async (index) => {
    await cut(ada, gateways[0]!);
    const back = await comeBack(gateways[index]!);
    answer();
    await isServedOnce(back);
  });

  test.each([0, 1])("wait for it when it returns to gateway %i after the answer", async (index) => {
    await cut(ada, gateways[0]!);
    answer();
    await until("the answer", async () => (await inFlight()) === 0, 5_000, 5);
    await isServedOnce(await comeBack(gateways[index]!));
  });

  test("follow it to a second gateway, and are not applied again on the first", async () => {
    await cut(ada, gateways[0]!);
    answer();
    const second = await comeBack(gateways[1]!);
    await second.next("order:ready");
    session = held(second);
    await cut(second, gateways[1]!);
    const first = await comeBack(gateways[0]!);
    app.answer(({ body }) => ({ ack: body["rooms"] }));
    expect(await first.ask("order:list", {})).toEqual(["team"]);
    expect(first.all("order:ready")).toEqual([]);
  });

  test("are passed on by a gateway that stops", async () => {
    await cut(ada, gateways[0]!);
    answer();
    await until("the answer", async () => (await inFlight()) === 0, 5_000, 5);
    await gateways[0]!.stop();
    await isServedOnce(await comeBack(gateways[1]!));
  });

  test("are applied elsewhere when its gateway stops before the answer", async () => {
    const stopped = gateways[0]!.stop();
    await until("the move", async () => !ada.socket.connected, 10_000, 5);
    const back = await comeBack(gateways[1]!);
    answer();
    await isServedOnce(back);
    await stopped;
  });

  test("do not keep a gateway from stopping when they never come", async () => {
    const stopped = gateways[0]!.stop().then(() => true);
    await until("the move", async () => !ada.socket.connected, 10_000, 5);
    const timeout = sleep(15_000, false, { ref: false });
    expect(await Promise.race([stopped, timeout])).toBe(true);
  });

  test("are dropped when it has left permanently", async () => {
    ada.socket.disconnect();
    await until("the end", async () => gateways[0]!.gateway.connections.size === 0, 5_000, 5);
    answer();
    const back = await comeBack(gateways[0]!);
    app.answer(({ body }) => ({ ack: body["rooms"] }));
    expect(await back.ask("order:list", {})).toEqual([]);
    expect(back.all("order:ready")).toEqual([]);
  });

  test("are dropped without recovery", async () => {
    const entry = { name: "orders", url: app.url, events: ["order:*"], timeoutMilliseconds: 30_000 };
    const gateway = await on.gateway({ ...handlersEnvironment(entry), RECOVERY_WINDOW_SECONDS: "0" });
    const bob = await on.connect(gateway, { user: "bob" });
    bob.socket.emit("order:place", {});
    await until("the request", async () => app.got.length === 2, 5_000, 5);
    await cut(bob, gateway);
    answer();
    const back = await on.connect(gateway, { user: "bob" });
    app.answer(({ body }) => ({ ack: body["rooms"] }));
    expect(await back.ask("order:list", {})).toEqual([]);
  });
});

async function inFlight(): Promise<number> {
  return metricOf(gateways[0]!, "realtime_handler_in_flight", { handler: "orders" });
}
