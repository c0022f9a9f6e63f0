import { describe, expect, test } from "@jest/globals";
import { Redis } from "ioredis";
import { startSentinel } from "../../../testkit/redis-sentinel.ts";
import { testAuthority } from "../../../testkit/certificates.ts";
import { until } from "../../../testkit/until.ts";
import { callApi } from "../../../testkit/gateway/gateway-api.ts";
import type { TestGateway } from "../support/gateway.ts";
import { stage } from "../support/stage.ts";

const on = stage();

interface Health {
  bus: { reason: string };
  ledger: { message: string };
}

const start = (url: string): Promise<TestGateway> => on.gateway({ REDIS_ENABLED: "true", REDIS_URL: url });

/** Waits until both the bus and the ledger report the text. */
async function bothReport(gateway: TestGateway, text: string): Promise<void> {
  let last: Health | undefined;
  try {
    await until(
      `both to report ${text}`,
      async () => {
        const { body } = await callApi(gateway, "/api/websocket/health");
        const { bus, ledger } = (last = body as unknown as Health);
        return bus.reason.includes(text) && ledger.message.includes(text);
      },
      20_000,
      20,
    );
  } catch (error) {
    throw new Error(`last health: ${JSON.stringify(last)}`, { cause: error });
  }
}

/** A Redis whose only place is taken. */
async function fullRedis(password?: string): Promise<string> {
  const redis = await on.redis({ args: ["--maxclients", "1"], ...(password === undefined ? {} : { password }) });
  const client = new Redis(redis.port, password === undefined ? {} : { password });
  on.defer(() => client.disconnect());
  await client.ping();
  return redis.url;
}

describe("the bus and the ledger name the reason and the setting when", () => {
  test.each<{ name: string; url: () => Promise<string>; want: string }>([
    {
      name: "Redis has reached its maxclients",
      url: () => fullRedis(),
      want: "max number of clients reached: raise maxclients",
    },
    {
      name: "Redis with a password has reached its maxclients",
      url: () => fullRedis("secret"),
      want: "max number of clients reached: raise maxclients",
    },
    {
      name: "the URL has no TLS and the port requires it",
      async url() {
        const authority = await testAuthority();
        on.defer(() => authority.remove());
        const redis = await on.redis({ tls: await authority.issue("redis", "DNS:localhost") });
        return `redis://localhost:${redis.port}`;
      },
      want: "begin REDIS_URL with rediss",
    },
    {
      name: "the URL has no password",
      url: async () => `redis://127.0.0.1:${(await on.redis({ password: "secret" })).port}`,
      want: "set REDIS_PASSWORD",
    },
    {
      name: "the URL names a Cluster and the server is none",
      url: async () => `redis+cluster://127.0.0.1:${(await on.redis()).port}`,
      want: "with redis instead of redis+cluster",
    },
    {
      name: "the URL names a Sentinel and the server is none",
      url: async () => `redis+sentinel://127.0.0.1:${(await on.redis()).port}/mymaster`,
      want: "with redis instead of redis+sentinel",
    },
    {
      name: "the URL names a server that is a Sentinel",
      url: async () => `redis://127.0.0.1:${await sentinelPort()}`,
      want: "use redis+sentinel://",
    },
    {
      name: "the Sentinels do not know the name",
      url: async () => `redis+sentinel://127.0.0.1:${await sentinelPort()}/other`,
      want: "no Sentinel can be used: ERR No such master with that name: correct the name",
    },
  ])("$name", async ({ url, want }) => {
    await bothReport(await start(await url()), want);
  });
});

async function sentinelPort(): Promise<number> {
  const sentinel = await startSentinel({ masterPort: (await on.redis()).port });
  on.defer(() => sentinel.stop());
  return sentinel.port;
}

test("works again when Redis has room for its connections", async () => {
  const redis = await on.redis({ args: ["--maxclients", "2"] });
  const [first, second] = [new Redis(redis.port), new Redis(redis.port)];
  on.defer(() => first.disconnect());
  await Promise.all([first.ping(), second.ping()]);
  const gateway = await start(redis.url);
  await bothReport(gateway, "raise maxclients");
  await first.config("SET", "maxclients", "100");
  second.disconnect();
  await until("the gateway to be ready", async () => (await callApi(gateway, "/readyz")).status === 200, 30_000, 20);
  expect((await callApi(gateway, "/api/websocket/health")).body).toMatchObject({ status: "ok" });
});
