// Tests a server that accepts connections but never answers. ioredis has no time limit for the answer to a login.
import { once } from "node:events";
import { createServer, type AddressInfo, type Server } from "node:net";
import { expect, test } from "@jest/globals";
import type { Redis } from "ioredis";
import { connectionProblem } from "../../src/redis/connection-problem.ts";
import { parseRedisAddress, type RedisTarget } from "../../src/redis/redis-address.ts";
import { redisClient } from "../../src/redis/redis-client.ts";

async function silentServer(): Promise<{ server: Server; address: string }> {
  const server = createServer((socket) => socket.on("error", () => undefined).resume());
  await once(server.listen(0, "127.0.0.1"), "listening");
  return { server, address: `127.0.0.1:${(server.address() as AddressInfo).port}` };
}

test.each([
  { form: "one server", url: (address: string) => `redis://${address}` },
  { form: "one server with a password", url: (address: string) => `redis://user:secret@${address}` },
  { form: "a Redis Cluster", url: (address: string) => `redis+cluster://${address}` },
  { form: "Sentinels", url: (address: string) => `redis+sentinel://${address}/primary` },
])(
  "connects again when the login is not answered, with $form",
  async ({ url }) => {
    const { server, address } = await silentServer();
    const client = redisClient(parseRedisAddress(url(address)) as RedisTarget, {
      ...{ name: "test", random: () => 0.5 },
    }) as Redis;
    const problems: string[] = [];
    client.on("error", (error: Error) => problems.push(connectionProblem(error)));
    try {
      client.connect().catch(() => undefined);
      await once(server, "connection");
      await once(server, "connection");
      expect(problems.join("\n")).toMatch(/does not answer|timed? ?out/i);
    } finally {
      client.disconnect();
      server.close();
    }
  },
  30_000,
);
