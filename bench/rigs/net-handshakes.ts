import { hash } from "node:crypto";
import { createServer, type AddressInfo, type Socket } from "node:net";
import { textFrame } from "../../server/src/broadcast/fanout/frame.ts";
import type { Rig } from "./rig.ts";

const GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
const OPEN = textFrame(
  '0{"sid":"lv_VI97HAXpY6yYWAAAB","upgrades":[],"pingInterval":300000,"pingTimeout":300000,"maxPayload":1000000}',
);
const CONNECTED = textFrame('40{"sid":"ojIckSD2jqNzOqIrAAAC"}');

/**
 * A plain TCP server that shows the lowest possible cost of a handshake. It treats the first bytes as an upgrade
 * request and the next bytes as CONNECT, and writes both answers. Only the kernel, libuv and Node's sockets do work.
 */
export async function netHandshakes(): Promise<Rig> {
  const server = createServer({ noDelay: true }, (tcpSocket) => {
    tcpSocket.on("error", () => {});
    tcpSocket.once("data", (request) => upgrade(tcpSocket, request.toString("latin1")));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", 4096, resolve));
  return { port: (server.address() as AddressInfo).port, emit: () => {}, members: () => 0 };
}

function upgrade(tcpSocket: Socket, request: string): void {
  const [, key = ""] = /Sec-WebSocket-Key: (\S+)/.exec(request) ?? [];
  const accept = hash("sha1", key + GUID, "base64");
  tcpSocket.cork();
  tcpSocket.write(
    `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n\r\n`,
  );
  tcpSocket.write(OPEN);
  tcpSocket.uncork();
  tcpSocket.once("data", () => tcpSocket.write(CONNECTED));
}
