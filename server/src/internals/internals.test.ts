import { readFileSync } from "node:fs";
import { once } from "node:events";
import { createRequire } from "node:module";
import { createServer, type AddressInfo } from "node:net";
import { afterEach, describe, expect, test } from "@jest/globals";
import { Server as EngineServer } from "engine.io";
import { Redis } from "ioredis";
import handler from "ioredis/built/DataHandler.js";
import { startRig, type Rig } from "../../test/support/rig.ts";
import { engineServerInside, unsupported } from "./engine-io.ts";
import { scriptsOf, streamOf } from "./ioredis.ts";
import { requestClient, requestPeers, type RequestClient } from "./redis-adapter.ts";
import { localPeers } from "./socket-io-adapter.ts";
import { encoderOf, engineSocketOf, hasOutgoingListeners, namespaceInside, SocketClass } from "./socket-io.ts";
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

test("a request client has everything that the stock adapter calls", async () => {
  rig = await startRig();
  const calls: unknown[][] = [];
  const client = new Proxy({} as RequestClient, {
    get: (_target, name) =>
      name === "pSubscribe" ? undefined : (...args: unknown[]) => void calls.push([name, ...args.slice(0, 1)]),
  });
  const namespace = rig.io.of("/");
  const { rooms, sids } = namespace.adapter;
  const peers = requestPeers({ namespace, rooms, sids }, client, { key: "key", serverCount: () => 3 });
  expect(await peers.serverCount()).toBe(3);
  peers.serverSideEmit(["event"]);
  await peers.close();
  const names = calls.map(([name]) => String(name));
  const known = Object.keys(requestClient({ publish: () => 0, listen: () => 0, stopListening: () => 0 }));
  expect(known).toEqual(expect.arrayContaining([...new Set(names)]));
  expect(calls).toContainEqual(["subscribe", ["key-request#/#", "key-response#/#", `key-response#/#${peers.uid}#`]]);
  expect(calls).toContainEqual(["on", "messageBuffer"]);
  expect(calls).toContainEqual(["publish", "key-request#/#"]);
});

test("an in-memory adapter finds another adapter's sockets when it has its rooms", async () => {
  rig = await startRig();
  const { serverSocket } = await rig.connect();
  const namespace = rig.io.of("/");
  const { rooms, sids } = namespace.adapter;
  const everyone = { rooms: new Set<string>(), except: new Set<string>() };
  const sockets = (await localPeers({ namespace, rooms, sids }).fetchSockets(everyone)) as unknown[];
  expect(sockets).toEqual([serverSocket]);
});

test("an encoder is shared by all namespaces and gives a packet's text and its attachments", async () => {
  rig = await startRig();
  const encoder = encoderOf(rig.io.of("/a"));
  expect(encoder).toBe(encoderOf(rig.io.of("/")));
  const bytes = Buffer.from("x");
  expect(encoder.encode({ type: 2, nsp: "/a", data: ["name", bytes] })).toEqual([
    '51-/a,["name",{"_placeholder":true,"num":0}]',
    bytes,
  ]);
});

describe("an undocumented member exists", () => {
  test.each(["buildHandshake", "_onconnect", "_cleanup", "_error", "notifyOutgoingListeners", "onevent"])(
    "Socket.%s of socket.io",
    (name) => {
      expect(typeof Reflect.get(SocketClass.prototype, name)).toBe("function");
    },
  );

  test("on a namespace and a client of socket.io", async () => {
    rig = await startRig();
    const { serverSocket } = await rig.connect();
    const namespace = namespaceInside(serverSocket.nsp);
    expect([typeof namespace._add, typeof namespace._doConnect]).toEqual(["function", "function"]);
    const { client } = serverSocket as unknown as { client: { nsps: unknown; decoder: unknown; conn: unknown } };
    expect(client.nsps).toBeInstanceOf(Map);
    expect(client.decoder).toBeInstanceOf(Object);
    expect(client.conn).toBe(engineSocketOf(serverSocket));
  });

  test("on a server of engine.io", () => {
    const engine = new EngineServer({ transports: ["websocket"] });
    closing.push(() => engine.close());
    const inside = engineServerInside(engine);
    expect(inside.opts.transports).toEqual(["websocket"]);
    expect([inside.clients, inside.clientsCount, inside.middlewares]).toEqual([{}, 0, []]);
    expect([inside.ws?._state, typeof inside.ws?.options.WebSocket]).toEqual([RUNNING, "function"]);
    expect([typeof inside.prepare, typeof inside.generateId]).toEqual(["function", "function"]);
  });

  test("on a connection of engine.io and ws", async () => {
    rig = await startRig(undefined, { maxHttpBufferSize: 1234 });
    const { serverSocket } = await rig.connect();
    const engineSocket = engineSocketOf(serverSocket);
    expect(typeof engineSocket.onClose).toBe("function");
    expect(engineSocket.transport.socket?._receiver?._maxPayload).toBe(1234);
    expect(engineSocket.transport).toHaveProperty("_onSentLast", expect.any(Function));
    expect(engineSocket).toMatchObject({ pingTimeoutTimer: null, hasRefreshedPingTimeout: false });
    expect(engineSocket).toMatchObject({ sendPacket: expect.any(Function), schedulePing: expect.any(Function) });
    expect(engineSocket).toHaveProperty("pingIntervalTimer.refresh", expect.any(Function));
  });

  test.each(["dispatch", "returnFatalError"])("DataHandler.%s of ioredis", (name) => {
    expect(typeof Reflect.get(handler.default.prototype, name)).toBe("function");
  });

  test("on a client of ioredis: stream and scripts", async () => {
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

test("every frame of a connection passes its sender's sendFrame with the header first", async () => {
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
  // The first bytes of four writes: a text frame; a text frame with a placeholder, then its attachment; the DISCONNECT
  // packet; the close frame.
  expect(seen).toEqual(["81", "81", "82", "81", "88"]);
});

test("hasOutgoingListeners returns whether a socket has listeners on outgoing packets", async () => {
  rig = await startRig();
  const { serverSocket } = await rig.connect();
  expect(hasOutgoingListeners(serverSocket)).toBe(false);
  const listener = () => {};
  serverSocket.onAnyOutgoing(listener);
  expect(hasOutgoingListeners(serverSocket)).toBe(true);
  serverSocket.offAnyOutgoing(listener);
  expect(hasOutgoingListeners(serverSocket)).toBe(false);
});

describe("the fast path", () => {
  test("supports a plain WebSocket connection", async () => {
    rig = await startRig();
    const { serverSocket } = await rig.connect();
    expect(unsupported(engineSocketOf(serverSocket))).toBeUndefined();
  });

  test("does not support polling", async () => {
    rig = await startRig();
    const { serverSocket } = await rig.connect({ transports: ["polling"] });
    expect(unsupported(engineSocketOf(serverSocket))).toBe("transport");
  });

  test("does not support compression", async () => {
    rig = await startRig(undefined, { perMessageDeflate: true });
    const { serverSocket } = await rig.connect();
    expect(unsupported(engineSocketOf(serverSocket))).toBe("compression");
  });

  test("does not support a sender that other code has changed", async () => {
    rig = await startRig();
    const { serverSocket } = await rig.connect();
    const sender = engineSocketOf(serverSocket).transport.socket!._sender!;
    sender.sendFrame = (list, written) => sendFrameOfClass(sender, list, written);
    expect(unsupported(engineSocketOf(serverSocket))).toBe("internals");
  });
});
