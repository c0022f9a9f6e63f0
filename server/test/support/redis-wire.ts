import { connect, createServer, type AddressInfo, type Socket } from "node:net";
import type { TestRedis } from "../../../testkit/redis.ts";

/** Stands between a gateway and its Redis, and need not hand on what Redis says. */
export interface RedisWire {
  url: string;
  /** Tells every connection these bytes, which Redis has not said. */
  insert(bytes: string): void;
  /** Ends every connection; those that come until `speak` are never told anything. */
  silence(): void;
  speak(): void;
  /** Connections that are never told anything. */
  silent(): number;
  close(): void;
}

export async function redisWire(redis: Pick<TestRedis, "port">): Promise<RedisWire> {
  const open = new Set<{ near: Socket; isSilent: boolean }>();
  let isSilent = false;
  const server = createServer((near) => {
    const far = connect(redis.port, "127.0.0.1");
    const wire = { near, isSilent };
    open.add(wire);
    const end = () => {
      open.delete(wire);
      near.destroy();
      far.destroy();
    };
    for (const socket of [near, far]) socket.on("error", end).on("close", end);
    near.on("data", (bytes) => far.write(bytes));
    far.on("data", (bytes) => {
      if (!wire.isSilent) near.write(bytes);
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
    silent: () => [...open].filter((wire) => wire.isSilent).length,
    close() {
      server.close();
      endAll();
    },
  };
}
