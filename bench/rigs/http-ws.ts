import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import type { Duplex } from "node:stream";
import { WebSocketServer } from "ws";
import type { Rig } from "./rig.ts";

const OPEN =
  '0{"sid":"lv_VI97HAXpY6yYWAAAB","upgrades":[],"pingInterval":300000,"pingTimeout":300000,"maxPayload":1000000}';
const CONNECTED = '40{"sid":"ojIckSD2jqNzOqIrAAAC"}';

/**
 * A server that consists only of Node's HTTP server and ws. It sends the same answers as Socket.IO, but has no
 * Engine.IO, no Socket.IO and no token check.
 */
export async function httpWs(): Promise<Rig> {
  const webSockets = new WebSocketServer({ noServer: true, clientTracking: false, perMessageDeflate: false });
  const server = createServer();
  server.on("upgrade", (request: IncomingMessage, tcpSocket: Duplex, head: Buffer) => {
    tcpSocket.cork();
    webSockets.handleUpgrade(request, tcpSocket, head, (socket) => {
      socket.on("error", () => {});
      socket.once("message", () => socket.send(CONNECTED));
      socket.send(OPEN);
      tcpSocket.uncork();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", 4096, resolve));
  return { port: (server.address() as AddressInfo).port, emit: () => {}, members: () => 0 };
}
