import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { RedisAdapter, createAdapter } from "@socket.io/redis-adapter";
import { Redis } from "ioredis";
import { jwtVerify } from "jose";
import { Adapter } from "socket.io-adapter";
import { Server, type Namespace, type ServerOptions } from "socket.io";
import { withFanout } from "../../server/src/broadcast/fanout/with-fanout.ts";
import type { Rig, RigOptions } from "./rig.ts";

type Variety = "stock" | "stock redis" | "fanout" | "fanout redis";

/**
 * Socket.IO as in an application: a token check in a middleware, rooms by request, an acknowledged event,
 * and a message to the room about each new member. The variants differ only in the adapter.
 */
export async function socketIo({ secret, redisUrl }: RigOptions, variety: Variety): Promise<Rig> {
  const key = new TextEncoder().encode(secret);
  const http = createServer();
  const adapter = await adapterOf(variety, redisUrl);
  const io = new Server(http, {
    transports: ["websocket"],
    serveClient: false,
    pingInterval: 300_000,
    pingTimeout: 300_000,
    ...(adapter === undefined ? {} : { adapter }),
  });
  io.use((socket, next) => {
    const { token } = socket.handshake.auth as { token: string };
    jwtVerify(token, key, { algorithms: ["HS256"] }).then(
      ({ payload }) => {
        (socket.data as { userId?: string }).userId = payload.sub!;
        next();
      },
      () => next(new Error("UNAUTHENTICATED")),
    );
  });
  io.on("connection", (socket) => {
    socket.on("enter", (rooms: string[], answer?: () => void) => {
      void socket.join(rooms);
      answer?.();
    });
    socket.on("join_room", ({ room }: { room: string }, answer: (reply: unknown) => void) => {
      void socket.join(room);
      const participantCount = io.of("/").adapter.rooms.get(room)!.size;
      const { userId } = socket.data as { userId: string };
      socket.to(room).emit("user_joined", { room, socketId: socket.id, userId, participantCount });
      answer({ success: true, participantCount });
    });
    socket.on("send", (_message: unknown, answer: (reply: unknown) => void) => answer({ success: true }));
  });
  await new Promise<void>((resolve) => http.listen(0, "127.0.0.1", 4096, resolve));
  return {
    port: (http.address() as AddressInfo).port,
    emit: (room, data) => void io.to(room).emit("m", data),
    members: (room) => io.of("/").adapter.rooms.get(room)?.size ?? 0,
  };
}

async function adapterOf(
  variety: Variety,
  redisUrl: string | undefined,
): Promise<ServerOptions["adapter"] | undefined> {
  if (variety === "stock") return undefined;
  if (variety === "fanout") return withFanout(Adapter);
  const [publisher, subscriber] = [new Redis(redisUrl!), new Redis(redisUrl!)];
  await Promise.all([publisher.ping(), subscriber.ping()]);
  // Contenders run on one Redis at the same time and must not receive each other's messages.
  const options = { key: `bench ${variety}` };
  if (variety === "stock redis") return createAdapter(publisher, subscriber, options) as ServerOptions["adapter"];
  const FastRedisAdapter = withFanout(RedisAdapter) as unknown as new (
    namespace: Namespace,
    ...rest: unknown[]
  ) => Adapter;
  return function (namespace: Namespace) {
    return new FastRedisAdapter(namespace, publisher, subscriber, options);
  };
}
