import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { afterEach, describe, expect, test } from "@jest/globals";
import type { Adapter } from "socket.io-adapter";
import { startRig } from "../broadcast/fanout/testing/rig.ts";
import type { Rig } from "../broadcast/fanout/testing/rig.ts";
import { TESTED_VERSIONS, connectionOf, hasOutgoingListeners, unsupported } from "./undocumented.ts";
import type { AdapterInside, Packet, PacketOptions, Sender } from "./undocumented.ts";

const require = createRequire(import.meta.url);
let rig: Rig | undefined;
afterEach(async () => {
  await rig?.close();
  rig = undefined;
});

describe("the installed versions are the ones these tests were written against", () => {
  test.each(Object.entries(TESTED_VERSIONS))("%s %s", (name, wantVersion) => {
    const [folder] = require.resolve(name).split(/(?<=node_modules\/[^/]+)\//);
    const { version } = JSON.parse(readFileSync(`${folder}/package.json`, "utf8")) as { version: string };
    expect(version).toBe(wantVersion);
  });
});

test("an adapter's broadcast is _encode and then, synchronously, one apply", async () => {
  const { Adapter: Stock } = await import("socket.io-adapter");
  const calls: string[] = [];
  const Inside = Stock as unknown as new (...args: unknown[]) => AdapterInside;
  class Watched extends Inside {
    override _encode(packet: Packet, options: PacketOptions): unknown[] {
      calls.push(`_encode id=${packet.id} preEncoded=${options.preEncoded} volatile=${options.volatile}`);
      return super._encode(packet, options);
    }
    override apply(...args: Parameters<AdapterInside["apply"]>): void {
      calls.push("apply");
      super.apply(...args);
    }
  }
  rig = await startRig(Watched as unknown as typeof Adapter);
  calls.length = 0;
  rig.io.to("nobody").emit("a");
  rig.io.to("nobody").volatile.emit("b");
  rig.io
    .to("nobody")
    .timeout(10)
    .emit("c", () => {});
  expect(calls).toEqual([
    "_encode id=undefined preEncoded=true volatile=undefined",
    "apply",
    "_encode id=undefined preEncoded=true volatile=true",
    "apply",
    "_encode id=0 preEncoded=true volatile=undefined",
    "apply",
  ]);
});

test("every frame of a connection passes its sender's sendFrame, header first", async () => {
  rig = await startRig();
  const { serverSocket, client } = await rig.connect();
  const sender = connectionOf(serverSocket).transport.socket!._sender!;
  const seen: string[] = [];
  sender.sendFrame = (list, written) => {
    seen.push((list[0] as Buffer)[0]!.toString(16));
    (Object.getPrototypeOf(sender) as Sender).sendFrame.call(sender, list, written);
  };
  const closed = new Promise<void>((resolve) => client.once("disconnect", () => resolve()));
  serverSocket.emit("direct", "text");
  serverSocket.emit("binary", Buffer.from("x"));
  serverSocket.disconnect(true);
  await closed;
  // Text; text with placeholder and its attachment; the DISCONNECT packet, the close frame.
  expect(seen).toEqual(["81", "81", "82", "81", "88"]);
});

test("a socket with listeners on outgoing packets is known by them", async () => {
  rig = await startRig();
  const { serverSocket } = await rig.connect();
  expect(hasOutgoingListeners(serverSocket)).toBe(false);
  const listener = () => {};
  serverSocket.onAnyOutgoing(listener);
  expect(hasOutgoingListeners(serverSocket)).toBe(true);
  serverSocket.offAnyOutgoing(listener);
  expect(hasOutgoingListeners(serverSocket)).toBe(false);
});

describe("which connections are left alone", () => {
  test("a plain WebSocket connection is supported", async () => {
    rig = await startRig();
    const { serverSocket } = await rig.connect();
    expect(unsupported(connectionOf(serverSocket))).toBeUndefined();
  });

  test("polling is not", async () => {
    rig = await startRig();
    const { serverSocket } = await rig.connect({ transports: ["polling"] });
    expect(unsupported(connectionOf(serverSocket))).toBe("transport");
  });

  test("compression is not", async () => {
    rig = await startRig(undefined, { perMessageDeflate: true });
    const { serverSocket } = await rig.connect();
    expect(unsupported(connectionOf(serverSocket))).toBe("compression");
  });

  test("a sender somebody else has changed is not", async () => {
    rig = await startRig();
    const { serverSocket } = await rig.connect();
    const sender = connectionOf(serverSocket).transport.socket!._sender!;
    sender.sendFrame = (...args) => (Object.getPrototypeOf(sender) as Sender).sendFrame.apply(sender, args);
    expect(unsupported(connectionOf(serverSocket))).toBe("internals");
  });
});
