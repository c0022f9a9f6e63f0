import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { createAdapter } from "@socket.io/redis-adapter";
import { Redis } from "ioredis";
import { jwtVerify } from "jose";
import { Server } from "socket.io";

/**
 * The server that the gateway is compared with. It uses Socket.IO as its documentation shows: a token check, rooms, the
 * stock Redis adapter (if REDIS_URL is set), and a SIGTERM handler that closes the server. WS=8.21 selects the version
 * of ws that engine.io depends on.
 */
const { JWT_SECRET = "", REDIS_URL, WS } = process.env;
const key = new TextEncoder().encode(JWT_SECRET);
const http = createServer();
const wsEngine =
  WS === undefined ? undefined : ((await import(`ws-${WS}`)) as { WebSocketServer: unknown }).WebSocketServer;
const io = new Server(http, {
  transports: ["websocket"],
  serveClient: false,
  ...(wsEngine === undefined ? {} : { wsEngine: wsEngine as never }),
});

if (REDIS_URL !== undefined) {
  const publisher = new Redis(REDIS_URL);
  const subscriber = publisher.duplicate();
  // Without an error listener, ioredis prints every connection error. A well-written application has an error listener.
  for (const client of [publisher, subscriber]) client.on("error", () => undefined);
  io.adapter(createAdapter(publisher, subscriber));
}

io.use((socket, next) => {
  const { token } = socket.handshake.auth as { token: string };
  jwtVerify(token, key, { algorithms: ["HS256"] }).then(
    () => next(),
    () => next(new Error("UNAUTHENTICATED")),
  );
});
io.on("connection", (socket) => {
  socket.on("enter", ({ room }: { room: string }, answer?: (reply: unknown) => void) => {
    void socket.join(room);
    answer?.({ success: true });
  });
  socket.on(
    "send_message",
    ({ room, message }: { room: string; message: unknown }, answer?: (reply: unknown) => void) => {
      io.to(room).emit("message", { room, message });
      answer?.({ success: true });
    },
  );
});

process.on("message", ({ room, data }: { room: string; data: unknown }) => void io.to(room).emit("m", data));
process.on("SIGTERM", () => void io.close().then(() => process.exit(0)));
http.listen({ port: 0, host: "127.0.0.1", backlog: 4_096 }, () => {
  process.stdout.write(
    `${JSON.stringify({ msg: "gateway started", publicPort: (http.address() as AddressInfo).port }).replaceAll('": ', '":')}\n`,
  );
});
