import { randomUUID } from "node:crypto";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { createAdapter } from "@socket.io/redis-adapter";
import { Redis } from "ioredis";
import { jwtVerify } from "jose";
import { pino } from "pino";
import { Server, type ServerOptions } from "socket.io";
import type { Bus } from "../../server/src/broadcast/bus/bus.ts";
import { noBus } from "../../server/src/broadcast/bus/no-bus.ts";
import { redisBus } from "../../server/src/broadcast/bus/redis-bus.ts";
import { gatewayAdapter } from "../../server/src/broadcast/gateway-adapter.ts";
import { parseRedisAddress, type RedisTarget } from "../../server/src/redis/redis-address.ts";
import type { Rig, RigOptions } from "./rig.ts";

type Variety = "stock" | "stock redis" | "fanout" | "fanout redis";

/**
 * A typical Socket.IO application: a token check in a middleware, an event that joins a room, an event with an ack, and
 * a message to the room about each new member. The variants differ only in the adapter.
 */
export async function socketIo({ secret, redisUrl, pings }: RigOptions, variety: Variety): Promise<Rig> {
  const key = new TextEncoder().encode(secret);
  const http = createServer();
  const adapter = await adapterOf(variety, redisUrl);
  const io = new Server(http, {
    transports: ["websocket"],
    serveClient: false,
    ...(pings === "usual" ? {} : { pingInterval: 300_000, pingTimeout: 300_000 }),
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
  if (variety === "fanout") return gatewayAdapter(noBus());
  // All servers under test use one Redis at the same time. With a key of its own, each receives only its own messages.
  const key = `bench ${variety}`;
  if (variety === "fanout redis") return gatewayAdapter(await startedBus(redisUrl!, key));
  const [publisher, subscriber] = [new Redis(redisUrl!), new Redis(redisUrl!)];
  await Promise.all([publisher.ping(), subscriber.ping()]);
  return createAdapter(publisher, subscriber, { key }) as ServerOptions["adapter"];
}

async function startedBus(redisUrl: string, prefix: string): Promise<Bus> {
  const bus = redisBus({
    targets: [parseRedisAddress(redisUrl) as RedisTarget],
    prefix,
    nodeId: randomUUID(),
    logger: pino({ level: "silent" }),
    observer: {
      published: () => undefined,
      publishFailed: () => undefined,
      received: () => undefined,
      dropped: () => undefined,
    },
    now: Date.now,
    random: Math.random,
  });
  await bus.whenReady();
  return bus;
}
