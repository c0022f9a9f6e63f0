import { connect, createServer, type AddressInfo, type Socket } from "node:net";
import type { TestRedis } from "../../../testkit/redis.ts";

/**
 * A TCP proxy between a gateway and Redis. It can withhold replies of Redis, and can send replies that Redis did not
 * send.
 */
export interface RedisProxy {
  url: string;
  /** Sends these bytes to the gateway on every connection, as if Redis had sent them. */
  insert(bytes: string): void;
  /** Ends all connections. On connections that open before the next call of `speak`, the gateway gets no replies. */
  silence(): void;
  speak(): void;
  /** Number of open connections on which the gateway gets no replies. */
  silent(): number;
  close(): void;
}

export async function redisProxy(redis: Pick<TestRedis, "port">): Promise<RedisProxy> {
  const open = new Set<{ near: Socket; isSilent: boolean }>();
  let isSilent = false;
  const server = createServer((near) => {
    const far = connect(redis.port, "127.0.0.1");
    const connection = { near, isSilent };
    open.add(connection);
    const end = () => {
      open.delete(connection);
      near.destroy();
      far.destroy();
    };
    for (const socket of [near, far]) socket.on("error", end).on("close", end);
    near.on("data", (bytes) => far.write(bytes));
    far.on("data", (bytes) => {
      if (!connection.isSilent) near.write(bytes);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const endAll = () => open.forEach(({ near }) => near.destroy());
  return {
    url: `redis://127.0.0.1:${(server.address() as AddressInfo).port}`,
    insert: (bytes) => open.forEach(({ near }) => near.write(bytes)),
    silence() {
      isSilent = true;
      endAll();
    },
    speak: () => void (isSilent = false),
    silent: () => [...open].filter((connection) => connection.isSilent).length,
    close() {
      server.close();
      endAll();
    },
  };
}
