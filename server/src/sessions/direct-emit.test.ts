import { afterEach, describe, expect, test } from "@jest/globals";
import { directEmit } from "./direct-emit.ts";
import { startRig, type Rig } from "../../test/support/rig.ts";
import { noBus } from "../broadcast/bus/no-bus.ts";
import { gatewayAdapter } from "../broadcast/gateway-adapter.ts";

let rig: Rig;
afterEach(() => rig.close());

describe.each([
  ["over WebSocket", ["websocket"]],
  ["over polling", ["polling"]],
])("%s", (_transport, transports) => {
  test("it keeps its place among emits and broadcasts", async () => {
    rig = await startRig(gatewayAdapter(noBus()));
    const { serverSocket, client } = await rig.connect({ transports });
    const seen: unknown[] = [];
    client.onAny((...args: unknown[]) => seen.push(args));
    const last = new Promise<void>((resolve) => client.once("last", () => resolve()));
    serverSocket.emit("first");
    directEmit(serverSocket, "direct", { text: "ü€😀" });
    rig.io.emit("last");
    await last;
    expect(seen).toEqual([["first"], ["direct", { text: "ü€😀" }], ["last"]]);
  });
});

test("in a namespace of its own it goes there", async () => {
  rig = await startRig(gatewayAdapter(noBus()));
  rig.io.of("/other");
  const member = await rig.connect();
  const { serverSocket, client } = await rig.enter(member, "/other");
  const heard = new Promise((resolve) => client.once("direct", resolve));
  directEmit(serverSocket, "direct", { a: 1 });
  expect(await heard).toEqual({ a: 1 });
});
