// Tests messages between gateways while the Redis with the message log is down, hangs or refuses writes.
import { expect, test } from "@jest/globals";
import { Redis } from "ioredis";
import type { TestRedis } from "../../../testkit/redis.ts";
import { callApi, metricOf } from "../../../testkit/gateway/gateway-api.ts";
import type { TestClient } from "../../../testkit/gateway/gateway-client.ts";
import { until } from "../../../testkit/until.ts";
import { stage } from "../support/stage.ts";

const { redis, gateway, child, connect, defer } = stage();

/** Starts a gateway on these Redis servers, and connects a client to it that joins the room "team". */
async function member(urls: string, user: string): Promise<TestClient> {
  const { bus, ...ports } = await gateway({ REDIS_ENABLED: "true", REDIS_URL: urls });
  await bus.whenReady();
  const client = await connect(ports, { user });
  await client.ask("join_room", { room: "team" });
  return client;
}

const texts = (client: TestClient): unknown[] => client.all("message").map(({ message }) => message);

/** Sends `count` messages. The members take turns. */
async function talk(members: readonly TestClient[], from: number, count: number): Promise<void> {
  for (let number = from; number < from + count; number += 1)
    await members[number % members.length]!.ask("send_message", { room: "team", message: number });
}

/** Waits until each member has all messages. Checks that the messages of each sender are in order. */
async function hasAll(members: readonly TestClient[], count: number): Promise<void> {
  const all = Array.from({ length: count }, (_, number) => number);
  for (const client of members) {
    await until("all messages", async () => texts(client).length >= count, 15_000, 20);
    const own = (parity: number) => (text: unknown) => Number(text) % members.length === parity;
    expect(texts(client).toSorted((a, b) => Number(a) - Number(b))).toEqual(all);
    for (const parity of members.keys()) expect(texts(client).filter(own(parity))).toEqual(all.filter(own(parity)));
  }
}

const asAdmin = ({ url }: TestRedis): Redis => {
  const admin = new Redis(url);
  defer(() => admin.disconnect());
  return admin;
};

test.each<{ when: string; refuse: (admin: Redis) => Promise<unknown> }>([
  { when: "its memory is full", refuse: (admin) => admin.config("SET", "maxmemory", "1mb") },
  { when: "its user may not append", refuse: (admin) => admin.call("ACL", "SETUSER", "gateway", "-rpush") },
  { when: "it has too few replicas", refuse: (admin) => admin.config("SET", "min-replicas-to-write", "1") },
])(
  "gateways still get each other's messages from a Redis that refuses the log when $when",
  async ({ refuse }) => {
    const server = await redis({ args: ["--maxmemory-policy", "noeviction"] });
    const admin = asAdmin(server);
    await admin.call("ACL", "SETUSER", "gateway", "on", ">secret", "~*", "&*", "+@all");
    const url = `redis://gateway:secret@127.0.0.1:${server.port}`;
    const members = [await member(url, "ada"), await member(url, "bob")];
    await talk(members, 0, 4);
    await refuse(admin);
    await talk(members, 4, 40);
    await hasAll(members, 44);
  },
  60_000,
);

test.each<{ when: string; fail: (server: TestRedis) => unknown }>([
  { when: "dies", fail: (server) => server.kill() },
  { when: "hangs", fail: (server) => server.pause() },
])(
  "the second Redis carries the messages when the first one $when",
  async ({ fail }) => {
    const [first, second] = [await redis(), await redis()];
    const urls = `${first.url},${second.url}`;
    const members = [await member(urls, "ada"), await member(urls, "bob")];
    await talk(members, 0, 4);
    const failing = fail(first);
    await talk(members, 4, 200);
    await failing;
    await hasAll(members, 204);
  },
  60_000,
);

test("a gateway that starts while the first Redis is away gets the messages of the others", async () => {
  const [first, second] = [await redis(), await redis()];
  const urls = `${first.url},${second.url}`;
  const members = [await member(urls, "ada"), await member(urls, "bob")];
  await talk(members, 0, 4);
  await first.kill();
  await talk(members, 4, 2);
  const late = await gateway({ REDIS_ENABLED: "true", REDIS_URL: urls });
  await late.bus.whenReady();
  let eve: TestClient | undefined;
  await until(
    "a client to be let in",
    async () => (eve ??= await connect(late, { user: "eve" }).catch(() => undefined)) !== undefined,
    30_000,
    200,
  );
  await eve!.ask("join_room", { room: "team" });
  await members[0]!.ask("send_message", { room: "team", message: "to the new gateway" });
  await eve!.next("message", ({ message }) => message === "to the new gateway");
  await eve!.ask("send_message", { room: "team", message: "from the new gateway" });
  await members[0]!.next("message", ({ message }) => message === "from the new gateway");
}, 60_000);

test("health and a metric say that recovery is not available when Redis refuses only its log", async () => {
  const server = await redis();
  const admin = asAdmin(server);
  await admin.call("ACL", "SETUSER", "gateway", "on", ">secret", "~*", "&*", "+@all");
  const one = await gateway({ REDIS_ENABLED: "true", REDIS_URL: `redis://gateway:secret@127.0.0.1:${server.port}` });
  const recovery = async () => (await callApi(one, "/api/websocket/health")).body["recovery"];
  const up = () => metricOf(one, "realtime_recovery_up");
  const promised = { windowSeconds: 120, promisedSeconds: 120 };
  const isReady = async () => (await callApi(one, "/readyz", { token: null })).status === 200;
  await until("the gateway to be ready", isReady, 30_000, 20);
  expect([await recovery(), await up()]).toEqual([promised, 1]);
  const client = await connect(one, { user: "ada" });
  await client.ask("join_room", { room: "team" });
  await admin.call("ACL", "SETUSER", "gateway", "-rpush");
  await client.ask("send_message", { room: "team", message: "text" });
  const refused = { windowSeconds: 0, promisedSeconds: 120, reason: expect.stringContaining("can't run this command") };
  await until("the refusal", async () => (await up()) === 0, 30_000, 20);
  // The gateway reconnects to the log every second. Between two refusals it must not report that all is well.
  for (const endMs = Date.now() + 2_500; Date.now() < endMs;)
    expect((await callApi(one, "/api/websocket/health")).body).toMatchObject({ status: "degraded", recovery: refused });
  await admin.call("ACL", "SETUSER", "gateway", "+rpush");
  await until("the log to be used again", async () => (await up()) === 1, 30_000, 20);
  expect((await callApi(one, "/api/websocket/health")).body).toMatchObject({ status: "ok", recovery: promised });
}, 60_000);

test("a gateway logs once a minute that Redis refuses the log, although it asks again every second", async () => {
  const server = await redis();
  const admin = asAdmin(server);
  await admin.call("ACL", "SETUSER", "gateway", "on", ">secret", "~*", "&*", "+@all");
  const refused = await child({
    REDIS_ENABLED: "true",
    REDIS_URL: `redis://gateway:secret@127.0.0.1:${server.port}`,
  });
  const isReady = async (): Promise<boolean> => (await callApi(refused, "/readyz", { token: null })).status === 200;
  await until("the gateway to be ready", isReady, 30_000, 20);
  const client = await connect(refused, { user: "ada" });
  await client.ask("join_room", { room: "team" });
  await admin.call("ACL", "SETUSER", "gateway", "-rpush");
  const beganAtMs = Date.now();
  const isRepeated = async (): Promise<boolean> => {
    await client.ask("send_message", { room: "team", message: "text" });
    return Date.now() - beganAtMs > 4_000;
  };
  await until("several refusals", isRepeated, 30_000, 100);
  const lines = refused.log().filter(({ msg }) => String(msg).startsWith("recovery log"));
  expect(lines.map(({ msg }) => msg)).toEqual(["recovery log connected", "recovery log disconnected"]);
}, 60_000);
