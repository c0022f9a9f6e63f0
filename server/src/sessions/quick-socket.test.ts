import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, describe, expect, test } from "@jest/globals";
import { Server, type Socket } from "socket.io";
import { io as connectClient, type Socket as ClientSocket } from "socket.io-client";
import { WebSocket } from "ws";
import { noBus } from "../broadcast/bus/no-bus.ts";
import { gatewayAdapter } from "../broadcast/gateway-adapter.ts";
import { useQuickSockets, type EntryGuard } from "./quick-socket.ts";

const open: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of open.splice(0).reverse()) await close();
});

const anyone: EntryGuard = (_socket, next) => next();

async function start(sockets: "quick" | "stock", guard = anyone): Promise<{ io: Server; port: number }> {
  const http = createServer();
  const io = new Server(http, { adapter: gatewayAdapter(noBus()) });
  for (const namespace of [io.of("/"), io.of("/events")]) if (sockets === "quick") useQuickSockets(namespace, guard);
  await new Promise<void>((resolve) => http.listen(0, "127.0.0.1", resolve));
  open.push(() => io.close());
  return { io, port: (http.address() as AddressInfo).port };
}

/** The answer to CONNECT as text. A fixed word replaces the random id. */
async function answerTo(port: number, connect: string): Promise<string> {
  const wire = new WebSocket(`ws://127.0.0.1:${port}/socket.io/?EIO=4&transport=websocket`);
  open.push(() => wire.terminate());
  return new Promise((resolve, reject) => {
    wire.on("error", reject);
    wire.on("message", (data: Buffer) => {
      const packet = data.toString();
      if (packet.startsWith("0")) wire.send(connect);
      else resolve(packet.replace(/"sid":"[\w-]{20}"/, '"sid":"…"'));
    });
  });
}

test.each([
  ["the main namespace", "40"],
  ["a namespace", "40/events,"],
  ["a namespace, with a token", '40/events,{"token":"abc"}'],
])("CONNECT to %s is answered with the text that Socket.IO would answer", async (_sentence, connect) => {
  const want = await answerTo((await start("stock")).port, connect);
  expect(await answerTo((await start("quick")).port, connect)).toBe(want);
  expect(want).toContain('{"sid":"…"}');
});

describe.each(["websocket", "polling"])("over %s", (transport) => {
  async function enter(): Promise<{ io: Server; client: ClientSocket; socket: Socket }> {
    const { io, port } = await start("quick");
    const arrived = new Promise<Socket>((resolve) => io.of("/events").once("connection", resolve));
    const client = connectClient(`http://127.0.0.1:${port}/events`, {
      transports: [transport],
      auth: { token: "abc" },
      extraHeaders: { authorization: "Bearer def" },
      reconnection: false,
    });
    open.push(() => client.io._close());
    await new Promise<void>((resolve, reject) => client.once("connect", resolve).once("connect_error", reject));
    return { io, client, socket: await arrived };
  }

  test("a stock client knows the socket by the id that it has here, and is in its own room", async () => {
    const { io, client, socket } = await enter();
    expect(client.id).toBe(socket.id);
    expect([...socket.rooms]).toEqual([socket.id]);
    const heard = new Promise((resolve) => client.once("hello", resolve));
    io.of("/events").to(socket.id).emit("hello", 1);
    expect(await heard).toBe(1);
  });

  test("guards find the token, from wherever the client gave it", async () => {
    const { socket } = await enter();
    expect(socket.handshake.auth).toEqual({ token: "abc" });
    expect(socket.handshake.headers.authorization).toBe("Bearer def");
  });

  test("a client that the guard refuses is told, with its data", async () => {
    const { io, port } = await start("quick", (_socket, next) =>
      next(Object.assign(new Error("not you"), { data: { code: "NO" } })),
    );
    const client = connectClient(`http://127.0.0.1:${port}/events`, { transports: [transport], reconnection: false });
    open.push(() => client.io._close());
    const error = await new Promise<Error>((resolve) => client.once("connect_error", resolve));
    expect(error).toMatchObject({ message: "not you", data: { code: "NO" } });
    expect(waitingIn(io)).toBe(0);
  });

  test("a client that goes while the guard thinks leaves nothing behind", async () => {
    let decide = (): void => undefined;
    const asked = new Promise<Socket>((resolve) => {
      guardAsked = (socket, next) => {
        decide = next;
        resolve(socket);
      };
    });
    const { io, port } = await start("quick", (socket, next) => guardAsked(socket, next));
    const client = connectClient(`http://127.0.0.1:${port}/events`, { transports: [transport], reconnection: false });
    const socket = await asked;
    const gone = new Promise((resolve) => socket.conn.once("close", resolve));
    client.io._close();
    await gone;
    decide();
    expect([waitingIn(io), io.of("/events").sockets.size]).toEqual([0, 0]);
  });
});

test("a client that gets no answer, and goes, leaves nothing behind", async () => {
  const asked = Promise.withResolvers<Socket>();
  const { io, port } = await start("quick", (socket) => asked.resolve(socket));
  const wire = new WebSocket(`ws://127.0.0.1:${port}/socket.io/?EIO=4&transport=websocket`);
  wire.on("open", () => wire.send("40/events,"));
  const { conn } = await asked.promise;
  const gone = new Promise((resolve) => conn.once("close", resolve));
  wire.terminate();
  await gone;
  expect(waitingIn(io)).toBe(0);
});

let guardAsked: EntryGuard = anyone;

function waitingIn(io: Server): number {
  return (io.of("/events") as unknown as { _preConnectSockets: Map<string, unknown> })._preConnectSockets.size;
}
