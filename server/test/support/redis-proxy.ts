import { connect, createServer, type AddressInfo, type Socket } from "node:net";
import type { TestRedis } from "../../../testkit/redis.ts";

/** A TCP proxy between a gateway and its Redis that can withhold and insert replies. */
export interface RedisProxy {
  url: string;
  /** Sends every connection these bytes, which Redis did not send. */
  insert(bytes: string): void;
  /** Ends every connection. Connections that open until `speak` receive nothing. */
  silence(): void;
  speak(): void;
  /** The number of open connections that receive nothing. */
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
