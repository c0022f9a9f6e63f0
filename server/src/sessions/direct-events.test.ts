import { afterEach, describe, expect, test } from "@jest/globals";
import { directEvents, type Ack } from "./direct-events.ts";
import { startRig, type Rig } from "../../test/support/rig.ts";
import { noBus } from "../broadcast/bus/no-bus.ts";
import { gatewayAdapter } from "../broadcast/gateway-adapter.ts";

let rig: Rig;
afterEach(() => rig.close());

describe.each([
  ["over WebSocket", ["websocket"]],
  ["over polling", ["polling"]],
])("%s", (_transport, transports) => {
  const connect = async () => {
    rig = await startRig(gatewayAdapter(noBus()));
    return rig.connect({ transports });
  };

  test("an event with an ack is answered", async () => {
    const { serverSocket, client } = await connect();
    directEvents(serverSocket, (args) => (args.at(-1) as Ack)({ got: args.slice(0, -1) }));
    expect(await client.emitWithAck("ask", { a: 1 }, "ü")).toEqual({ got: ["ask", { a: 1 }, "ü"] });
  });

  test("an event without one is received as it was sent, attachments included", async () => {
    const { serverSocket, client } = await connect();
    const received = new Promise((resolve) => directEvents(serverSocket, resolve));
    client.emit("tell", { bytes: Buffer.from("abc") });
    expect(await received).toEqual(["tell", { bytes: Buffer.from("abc") }]);
  });

  test("an ack keeps its place among emits and broadcasts", async () => {
    const { serverSocket, client } = await connect();
    const seen: string[] = [];
    client.on("before", () => seen.push("before"));
    client.on("after", () => seen.push("after"));
    directEvents(serverSocket, (args) => {
      serverSocket.emit("before");
      (args.at(-1) as Ack)(null);
      rig.io.emit("after");
    });
    const after = new Promise<void>((resolve) => client.once("after", () => resolve()));
    client.emit("ask", () => seen.push("ack"));
    await after;
    expect(seen).toEqual(["before", "ack", "after"]);
  });
});

test("in a namespace of its own the ack finds back", async () => {
  rig = await startRig(gatewayAdapter(noBus()));
  rig.io.of("/other");
  const member = await rig.connect();
  const { serverSocket, client } = await rig.enter(member, "/other");
  directEvents(serverSocket, (args) => (args.at(-1) as Ack)("here"));
  expect(await client.emitWithAck("where")).toBe("here");
});

test("an answer to a client that has gone goes nowhere", async () => {
  rig = await startRig(gatewayAdapter(noBus()));
  const { serverSocket, client } = await rig.connect();
  const ack = new Promise<Ack>((resolve) => directEvents(serverSocket, (args) => resolve(args.at(-1) as Ack)));
  const gone = new Promise<void>((resolve) => serverSocket.once("disconnect", () => resolve()));
  client.emit("ask", () => {});
  const answer = await ack;
  client.disconnect();
  await gone;
  expect(() => answer("late")).not.toThrow();
});
