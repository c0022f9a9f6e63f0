import type { IncomingMessage } from "node:http";
import { json } from "node:stream/consumers";
import { expect, test } from "@jest/globals";
import { WebSocket } from "ws";
import { until } from "../../../testkit/until.ts";
import { stage } from "../support/stage.ts";
import { openEngineClient } from "../support/engine-client.ts";

const on = stage();
const polling = { options: { transports: ["polling"] } };

test("a stock client uses polling where it is enabled, and upgrades to a WebSocket", async () => {
  const gateway = await on.gateway({ WS_TRANSPORTS: "polling,websocket" });
  const ada = await on.connect(gateway, { user: "ada", options: { transports: ["polling", "websocket"] } });
  const bob = await on.connect(gateway, { user: "bob", ...polling });
  await until("ada's upgrade", async () => ada.socket.io.engine.transport.name === "websocket", 30_000, 10);
  for (const client of [ada, bob])
    expect(await client.ask("join_room", { room: "team" })).toMatchObject({ success: true });
  await ada.ask("send_message", { room: "team", message: "one" });
  await bob.ask("send_message", { room: "team", message: "two" });
  for (const client of [ada, bob]) {
    await client.next("message", ({ message }) => message === "two");
    expect(client.all("message").map(({ message }) => message)).toEqual(["one", "two"]);
  }
});

test("refuses polling with advice when only WebSockets are enabled", async () => {
  const gateway = await on.gateway();
  const response = await fetch(`http://127.0.0.1:${gateway.publicPort}/socket.io/?EIO=4&transport=polling&t=abc`);
  expect([response.status, await response.json()]).toEqual([
    400,
    { code: "INVALID_INPUT", message: expect.stringContaining('transports: ["websocket"]') },
  ]);
  const ada = await on.open(gateway, polling);
  const error = await new Promise<Error>((resolve) => ada.socket.on("connect_error", resolve));
  expect(error.message).toBe("xhr poll error");
  expect(gateway.gateway.connections.size).toBe(0);
});

test("refuses a client of an older protocol before its upgrade", async () => {
  const gateway = await on.gateway();
  const socket = new WebSocket(`ws://127.0.0.1:${gateway.publicPort}/socket.io/?EIO=3&transport=websocket`);
  const answer = await new Promise<IncomingMessage>((resolve, reject) =>
    socket.on("unexpected-response", (_request, response) => resolve(response)).on("error", reject),
  );
  expect([answer.statusCode, await json(answer)]).toEqual([
    400,
    { code: "INVALID_INPUT", message: expect.stringContaining("socket.io-client 3") },
  ]);
  expect(gateway.gateway.connections.size).toBe(0);
});

test.each(["sid=", "sid=a&sid=", "sid=a&s%69d="])(
  "who names no session is a newcomer, however it is put: %s",
  async (name) => {
    const gateway = await on.gateway({ WS_TRANSPORTS: "polling,websocket" });
    gateway.gateway.refuseNewcomers();
    const path = `127.0.0.1:${gateway.publicPort}/socket.io/?EIO=4&${name}&transport=`;
    expect((await fetch(`http://${path}polling`)).status).toBe(503);
    expect(await statusOf(`ws://${path}websocket`)).toBe(503);
    expect(gateway.gateway.connections.size).toBe(0);
  },
);

test("this session has been upgraded to a WebSocket already, and one that is there has nowhere to go", async () => {
  const gateway = await on.gateway({ WS_TRANSPORTS: "polling,websocket" });
  const path = `127.0.0.1:${gateway.publicPort}/socket.io/?EIO=4&transport=`;
  const { sid } = JSON.parse((await (await fetch(`http://${path}polling`)).text()).slice(1)) as { sid: string };
  expect(await statusOf(`ws://${path}websocket&sid=${sid}`)).toBe(101);
  expect(await statusOf(`ws://${path}websocket&sid=${sid}`)).toBe(400);
  const { received } = await openEngineClient(gateway);
  const own = JSON.parse(received[0]!.slice(1)) as { sid: string };
  expect(await statusOf(`ws://${path}websocket&sid=${own.sid}`)).toBe(400);
});

/** The HTTP status with which the gateway answers an upgrade request. */
async function statusOf(url: string): Promise<number | undefined> {
  const socket = new WebSocket(url);
  on.defer(() => socket.terminate());
  return new Promise((resolve, reject) => {
    socket.on("open", () => resolve(101)).on("error", reject);
    socket.on("unexpected-response", (_request, response) => {
      response.resume();
      resolve(response.statusCode);
    });
  });
}
