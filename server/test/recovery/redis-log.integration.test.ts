import { afterEach, describe, expect, test } from "@jest/globals";
import { Redis } from "ioredis";
import { startRedis, type RedisOptions, type TestRedis } from "../../../testkit/redis.ts";
import { until } from "../../../testkit/until.ts";
import { LOG_BASE, startLogNode, type LogNode } from "./log-node.ts";

const open: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of open.splice(0).reverse()) await close();
});

async function redis(options?: RedisOptions): Promise<{ server: TestRedis; client: Redis }> {
  const server = await startRedis(options);
  const client = new Redis(server.url, { retryStrategy: () => 50 });
  client.on("error", () => undefined);
  open.push(
    () => server.stop(),
    () => client.disconnect(),
  );
  return { server, client };
}

async function nodes(url: string, origins: readonly string[], maxBytes?: number): Promise<LogNode[]> {
  const started = await Promise.all(origins.map((origin) => startLogNode(url, origin, maxBytes)));
  for (const node of started) open.push(() => node.close());
  return started;
}

const toHave = (node: LogNode, texts: readonly string[]) =>
  until("everything to arrive", async () => node.got.length >= texts.length && node.got, 20_000, 10);
const numbered = (name: string, count: number): string[] => Array.from({ length: count }, (_, at) => `${name}${at}`);

describe("the log in Redis", () => {
  test("carries each message once and in each sender's order, and tells when it is stored", async () => {
    const { server } = await redis();
    const [one, two] = (await nodes(server.url, ["origin1", "origin2"])) as [LogNode, LogNode];
    for (const text of numbered("a", 200)) one.publish(text);
    for (const text of numbered("b", 200)) two.publish(text);
    for (const node of [one, two]) await toHave(node, numbered("", 400));
    for (const node of [one, two]) {
      expect(node.got.filter((text) => text.startsWith("a"))).toEqual(numbered("a", 200));
      expect(node.got.filter((text) => text.startsWith("b"))).toEqual(numbered("b", 200));
    }
    await until("storage", async () => one.stored.size === 200, 5_000, 10);
    await until("the same position", async () => one.delivered.offsetText === two.delivered.offsetText, 5_000, 10);
    expect(one.delivered.s).toBe(400);
    expect(one.delivered.over.size).toBe(0);
  });

  test("is read by a gateway that starts later, which then has the same messages as the others", async () => {
    const { server } = await redis();
    const [one] = (await nodes(server.url, ["origin1"])) as [LogNode];
    for (const text of numbered("a", 1_200)) one.publish(text);
    await until("storage", async () => one.stored.size === 1_200, 10_000, 10);
    const [late] = (await nodes(server.url, ["origin2"])) as [LogNode];
    expect(late.delivered.offsetText).toBe(one.delivered.offsetText);
    expect(late.delivered.ring.in("/", "r").length).toBe(1_200);
  });

  test("fills gaps that Pub/Sub has left", async () => {
    const { server } = await redis();
    const [one, two] = (await nodes(server.url, ["origin1", "origin2"])) as [LogNode, LogNode];
    two.deaf(true);
    for (const text of numbered("a", 50)) one.publish(text);
    await until("storage", async () => one.stored.size === 50, 5_000, 10);
    two.deaf(false);
    one.publish("a50");
    await toHave(two, numbered("a", 51));
    expect(two.got).toEqual(numbered("a", 51));
    expect(two.lost).toBe(0);
  });

  test("gets the messages that were published while Redis was away, and those that an empty Redis lacks, once and in order", async () => {
    const { server } = await redis();
    const [one, two] = (await nodes(server.url, ["origin1", "origin2"])) as [LogNode, LogNode];
    one.publish("a0");
    await toHave(two, ["a0"]);
    two.deaf(true);
    one.publish("a1");
    await until("storage", async () => one.stored.has(2), 5_000, 10);
    await server.kill();
    two.deaf(false);
    for (const text of ["a2", "a3"]) one.publish(text);
    expect(one.got).toEqual(["a0", "a1", "a2", "a3"]);
    await server.restart();
    await toHave(two, numbered("a", 4));
    one.publish("a4");
    await toHave(two, numbered("a", 5));
    expect(two.got).toEqual(numbered("a", 5));
    await until("the same position", async () => one.delivered.offsetText === two.delivered.offsetText, 5_000, 10);
  });

  test("holds no more bytes than its limit", async () => {
    const { server, client } = await redis();
    const most = 512 * 1024;
    const [one] = (await nodes(server.url, ["origin1"], most)) as [LogNode];
    for (let count = 0; count < 5_000; count += 1) one.publish("x".repeat(500));
    await until("the last to be stored", async () => one.delivered.s === 5_000, 20_000, 20);
    const entries = `${LOG_BASE}log-entries`;
    expect(await client.memory("USAGE", entries, "SAMPLES", 0)).toBeLessThan(1.25 * most);
    expect(Number(await client.llen(entries)) / 2).toBeGreaterThan(500);
    const [late] = (await nodes(server.url, ["origin2"], most)) as [LogNode];
    expect(late.delivered.offsetText).toBe(one.delivered.offsetText);
    expect(late.delivered.ring.evictedFrom("/", "never used")).toBeDefined();
  });

  test("gets the messages that Redis refused when Redis has memory again", async () => {
    const { server, client } = await redis({ args: ["--maxmemory-policy", "noeviction"] });
    const [one, two] = (await nodes(server.url, ["origin1", "origin2"])) as [LogNode, LogNode];
    await client.config("SET", "maxmemory", "1");
    one.publish("a0");
    await until("the refusal", async () => !one.follower.isAttached, 5_000, 10);
    one.publish("a1");
    expect(one.stored.size).toBe(0);
    await client.config("SET", "maxmemory", "0");
    await toHave(two, numbered("a", 2));
    expect(two.got).toEqual(numbered("a", 2));
  });

  test("gets the missing messages of a vanished gateway from the others", async () => {
    const { server } = await redis();
    const [one, two] = (await nodes(server.url, ["origin1", "origin2"])) as [LogNode, LogNode];
    one.publish("a0");
    await toHave(two, ["a0"]);
    one.close();
    await server.restart();
    const numberInLog = async () => {
      const [three] = (await nodes(server.url, [`other${Math.floor(Math.random() * 1e6)}`])) as [LogNode];
      return three.delivered.ring.of("origin1").length === 1;
    };
    await until("the others to append it", numberInLog, 10_000, 100);
    expect(two.delivered.over.size).toBe(0);
  });
});
