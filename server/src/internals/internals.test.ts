import { readFileSync } from "node:fs";
import { once } from "node:events";
import { createRequire } from "node:module";
import { createServer } from "node:net";
import type { AddressInfo } from "node:net";
import { afterEach, describe, expect, test } from "@jest/globals";
import { Server as EngineServer } from "engine.io";
import { Redis } from "ioredis";
import handler from "ioredis/built/DataHandler.js";
import { Adapter } from "socket.io-adapter";
import { startRig } from "../broadcast/fanout/testing/rig.ts";
import type { Rig } from "../broadcast/fanout/testing/rig.ts";
import { engineServerInside, unsupported } from "./engine-io.ts";
import { scriptsOf, streamOf } from "./ioredis.ts";
import { adapterInside, asAdapter } from "./socket-io-adapter.ts";
import type { AdapterInside, Packet, PacketOptions } from "./socket-io-adapter.ts";
import { engineSocketOf, hasOutgoingListeners, namespaceInside, SocketClass } from "./socket-io.ts";
import { TESTED_VERSIONS } from "./tested-versions.ts";
import { RUNNING, sendFrameOfClass } from "./ws.ts";

const require = createRequire(import.meta.url);
const closing: (() => unknown)[] = [];
let rig: Rig | undefined;
afterEach(async () => {
  await rig?.close();
  rig = undefined;
  for (const close of closing.splice(0)) await close();
});

describe("the installed version is the tested one", () => {
  test.each(Object.entries(TESTED_VERSIONS))("%s %s", (name, wantVersion) => {
    const [folder] = require.resolve(name).split(/(?<=node_modules\/(?:@[^/]+\/)?[^/@]+)\//);
    const { version } = JSON.parse(readFileSync(`${folder}/package.json`, "utf8")) as { version: string };
    expect(version).toBe(wantVersion);
  });
});

test("an adapter's broadcast is _encode and then, synchronously, one apply", async () => {
  const calls: string[] = [];
  class Watched extends adapterInside(Adapter) {
    override _encode(packet: Packet, options: PacketOptions): unknown[] {
      calls.push(`_encode id=${packet.id} preEncoded=${options.preEncoded} volatile=${options.volatile}`);
      return super._encode(packet, options);
    }
    override apply(...args: Parameters<AdapterInside["apply"]>): void {
      calls.push("apply");
      super.apply(...args);
    }
  }
  rig = await startRig(asAdapter(Watched));
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

describe("a member is there under its name", () => {
  test.each(["buildHandshake", "_onconnect", "_cleanup", "_error", "notifyOutgoingListeners", "onevent"])(
    "Socket.%s of socket.io",
    (name) => {
      expect(typeof Reflect.get(SocketClass.prototype, name)).toBe("function");
    },
  );

  test("what a namespace and a client of socket.io hold", async () => {
    rig = await startRig();
    const { serverSocket } = await rig.connect();
    const namespace = namespaceInside(serverSocket.nsp);
    expect([typeof namespace._add, typeof namespace._doConnect]).toEqual(["function", "function"]);
    const { client } = serverSocket as unknown as { client: { nsps: unknown; decoder: unknown; conn: unknown } };
    expect(client.nsps).toBeInstanceOf(Map);
    expect(client.decoder).toBeInstanceOf(Object);
    expect(client.conn).toBe(engineSocketOf(serverSocket));
  });

  test("what a server of engine.io holds", () => {
    const engine = new EngineServer({ transports: ["websocket"] });
    closing.push(() => engine.close());
    const inside = engineServerInside(engine);
    expect(inside.opts.transports).toEqual(["websocket"]);
    expect([inside.clients, inside.clientsCount, inside.middlewares]).toEqual([{}, 0, []]);
    expect([inside.ws?._state, typeof inside.ws?.options.WebSocket]).toEqual([RUNNING, "function"]);
    expect([typeof inside.prepare, typeof inside.generateId]).toEqual(["function", "function"]);
  });

  test("what a connection of engine.io and ws holds", async () => {
    rig = await startRig(undefined, { maxHttpBufferSize: 1234 });
    const { serverSocket } = await rig.connect();
    const engineSocket = engineSocketOf(serverSocket);
    expect(typeof engineSocket.onClose).toBe("function");
    expect(engineSocket.transport.socket?._receiver?._maxPayload).toBe(1234);
    expect(engineSocket.transport).toHaveProperty("_onSentLast", expect.any(Function));
  });

  test.each(["dispatch", "returnFatalError"])("DataHandler.%s of ioredis", (name) => {
    expect(typeof Reflect.get(handler.default.prototype, name)).toBe("function");
  });

  test("the stream and the scripts of a client of ioredis", async () => {
    const server = createServer().listen(0, "127.0.0.1");
    await once(server, "listening");
    const client = new Redis({ port: (server.address() as AddressInfo).port, retryStrategy: () => null });
    client.on("error", () => undefined);
    closing.push(() => server.close());
    await once(client, "connect");
    expect(typeof streamOf(client)?.cork).toBe("function");
    client.defineCommand("script", { numberOfKeys: 1, lua: "return 1" });
    expect(typeof scriptsOf<"script">(client).script).toBe("function");
    client.disconnect();
  });
});

test("every frame of a connection passes its sender's sendFrame, header first", async () => {
  rig = await startRig();
  const { serverSocket, client } = await rig.connect();
  const sender = engineSocketOf(serverSocket).transport.socket!._sender!;
  const seen: string[] = [];
  sender.sendFrame = (list, written) => {
    seen.push((list[0] as Buffer)[0]!.toString(16));
    sendFrameOfClass(sender, list, written);
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
    expect(unsupported(engineSocketOf(serverSocket))).toBeUndefined();
  });

  test("polling is not", async () => {
    rig = await startRig();
    const { serverSocket } = await rig.connect({ transports: ["polling"] });
    expect(unsupported(engineSocketOf(serverSocket))).toBe("transport");
  });

  test("compression is not", async () => {
    rig = await startRig(undefined, { perMessageDeflate: true });
    const { serverSocket } = await rig.connect();
    expect(unsupported(engineSocketOf(serverSocket))).toBe("compression");
  });

  test("a sender that other code has changed is not", async () => {
    rig = await startRig();
    const { serverSocket } = await rig.connect();
    const sender = engineSocketOf(serverSocket).transport.socket!._sender!;
    sender.sendFrame = (list, written) => sendFrameOfClass(sender, list, written);
    expect(unsupported(engineSocketOf(serverSocket))).toBe("internals");
  });
});
