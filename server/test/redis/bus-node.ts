import { createServer, type Server as HttpServer } from "node:http";
import type { AddressInfo } from "node:net";
import { pino } from "pino";
import { Server } from "socket.io";
import { io, type Socket as ClientSocket } from "socket.io-client";
import type { TestRedis } from "../../../testkit/redis.ts";
import { redisBus, type RedisBus } from "../../src/broadcast/bus/redis-bus.ts";
import { gatewayAdapter } from "../../src/broadcast/gateway-adapter.ts";
import { parseRedisAddress, type RedisTarget } from "../../src/redis/redis-address.ts";

/** A Socket.IO server with a Redis bus. It has one client, which is in the room `lobby` of the namespace `/events`. */
export interface BusNode {
  bus: RedisBus;
  io: Server;
  client: ClientSocket;
  got: unknown[];
  counts: { published: number; failed: number; dropped: string[] };
  log(): string[];
  close(): Promise<void>;
}

export async function startBusNode(
  nodeId: string,
  redises: readonly TestRedis[],
  prefix = "bus-test",
): Promise<BusNode> {
  const targets = redises.map(({ url }) => parseRedisAddress(url) as RedisTarget);
  const counts: BusNode["counts"] = { published: 0, failed: 0, dropped: [] };
  const observer = {
    published: () => void counts.published++,
    publishFailed: () => void counts.failed++,
    received: () => undefined,
    dropped: (reason: string) => void counts.dropped.push(reason),
  };
  const lines: string[] = [];
  const logger = pino({}, { write: (line) => void lines.push(line) });
  const bus = redisBus({ targets, prefix, nodeId, logger, observer, now: Date.now, random: Math.random });
  const http: HttpServer = createServer();
  const server = new Server(http, { adapter: gatewayAdapter(bus), transports: ["websocket"] });
  await new Promise<void>((resolve) => http.listen(0, "127.0.0.1", resolve));
  const events = server.of("/events");
  events.on("connection", (socket) => void socket.join("lobby"));
  const client = io(`http://127.0.0.1:${(http.address() as AddressInfo).port}/events`, { transports: ["websocket"] });
  const got: unknown[] = [];
  client.on("message", (message: unknown) => got.push(message));
  await new Promise<void>((resolve) => client.on("connect", resolve));
  const close = async () => {
    client.disconnect();
    await server.close();
    await bus.close();
  };
  return { bus, io: server, client, got, counts, log: () => lines, close };
}
