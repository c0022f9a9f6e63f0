import { afterEach, describe, expect, test } from "@jest/globals";
import { Redis } from "ioredis";
import { pino } from "pino";
import { startBalancer } from "../../../testkit/balancer.ts";
import { startRedis, type TestRedis } from "../../../testkit/redis.ts";
import { startSentinel } from "../../../testkit/redis-sentinel.ts";
import { until } from "../../../testkit/until.ts";
import { redisBus, type RedisBus } from "../../src/broadcast/bus/redis-bus.ts";
import { gatewayAdapter } from "../../src/broadcast/gateway-adapter.ts";
import { startRig } from "../support/rig.ts";
import { parseRedisAddress, type RedisTarget } from "../../src/redis/redis-address.ts";

const endings: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of endings.splice(0).reverse()) await end();
});

interface Node {
  bus: RedisBus;
  emit(text: string): void;
  /** The messages that the client of this node has received. */
  got: string[];
}

async function startNode(nodeId: string, urls: readonly string[]): Promise<Node> {
  const bus = redisBus({
    targets: urls.map((url) => parseRedisAddress(url) as RedisTarget),
    prefix: "failover",
    nodeId,
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
  endings.push(() => bus.close());
  const rig = await startRig(gatewayAdapter(bus));
  endings.push(() => rig.close());
  const { client } = await rig.connect();
  const got: string[] = [];
  client.on("message", (text: string) => got.push(text));
  return { bus, got, emit: (text) => void rig.io.emit("message", text) };
}

async function redis(args: readonly string[] = []): Promise<TestRedis & { admin: Redis }> {
  const server = await startRedis({ args: ["--repl-diskless-sync-delay", "0", ...args] });
  const admin = new Redis(server.port);
  endings.push(
    () => server.stop(),
    () => admin.disconnect(),
  );
  return { ...server, admin };
}

/** Starts a Redis primary and a replica that has copied its data. */
async function pair(): Promise<[TestRedis & { admin: Redis }, TestRedis & { admin: Redis }]> {
  const first = await redis();
  const second = await redis(["--replicaof", "127.0.0.1", String(first.port)]);
  const inStep = async () => (await second.admin.info("replication")).includes("master_link_status:up");
  await until("the replica to be in step", inStep, 30_000);
  return [first, second];
}

/** Waits until each of the two nodes receives the other's messages. */
async function crossing(a: Node, b: Node): Promise<void> {
  let round = 0;
  const seen = (node: Node, from: string) => node.got.some((text) => text.startsWith(from));
  a.got.length = 0;
  b.got.length = 0;
  await until(
    "messages to cross",
    async () => {
      a.emit(`a ${round}`);
      b.emit(`b ${round++}`);
      return seen(a, "b") && seen(b, "a");
    },
    30_000,
  );
}

describe("a bus whose primary becomes a replica and keeps its connections", () => {
  test("leaves it for the new primary when the address leads there", async () => {
    const [first, second] = await pair();
    const address = await startBalancer([first.port]);
    endings.push(() => address.close());
    const url = `redis://127.0.0.1:${address.publicPort}`;
    const old = await startNode("old", [url]);
    await old.bus.whenReady();
    await second.admin.replicaof("NO", "ONE");
    address.serve([second.port]);
    await first.admin.replicaof("127.0.0.1", second.port);
    const fresh = await startNode("fresh", [url]);
    await fresh.bus.whenReady();
    await crossing(old, fresh);
    expect(old.bus.state()).toMatchObject({ phase: "up" });
    const clients = String(await first.admin.client("LIST"));
    expect(clients).not.toContain("name=realtime-publish");
  });

  test("is down with a reason when there is no other primary, and up again when the server is a primary again", async () => {
    const [first, second] = await pair();
    const { bus } = await startNode("alone", [first.url]);
    await bus.whenReady();
    await second.admin.replicaof("NO", "ONE");
    await first.admin.replicaof("127.0.0.1", second.port);
    await until("the bus to be down", async () => bus.state().phase === "down", 30_000);
    expect(bus.state()).toMatchObject({
      reason: expect.stringContaining(`127.0.0.1:${first.port}: the server is a replica`),
      unusable: [{ redis: `127.0.0.1:${first.port}`, cause: "read-only" }],
    });
    await first.admin.replicaof("NO", "ONE");
    await until("the bus to be up", async () => bus.state().phase === "up", 30_000);
  });

  test("uses another Redis and names the replica when there are several", async () => {
    const [first, second] = await pair();
    const other = await redis();
    const urls = [first.url, other.url];
    const [a, b] = [await startNode("a", urls), await startNode("b", urls)];
    await Promise.all([a.bus.whenReady(), b.bus.whenReady()]);
    await second.admin.replicaof("NO", "ONE");
    await first.admin.replicaof("127.0.0.1", second.port);
    const isNamed = ({ bus }: Node) => bus.state().unusable?.[0]?.cause === "read-only";
    await until("both to leave the replica", async () => isNamed(a) && isNamed(b), 30_000);
    await crossing(a, b);
    expect([a.bus.state().phase, b.bus.state().phase]).toEqual(["up", "up"]);
  });

  test("follows the Sentinels to the new primary", async () => {
    const [first, second] = await pair();
    const lines = ["sentinel down-after-milliseconds mymaster 2000", "sentinel failover-timeout mymaster 5000"];
    const sentinel = await startSentinel({ masterPort: first.port, lines });
    endings.push(() => sentinel.stop());
    const url = `redis+sentinel://127.0.0.1:${sentinel.port}/mymaster`;
    const [a, b] = [await startNode("a", [url]), await startNode("b", [url])];
    await Promise.all([a.bus.whenReady(), b.bus.whenReady()]);
    const asked = new Redis(sentinel.port);
    endings.push(() => asked.disconnect());
    const failOver = async () => (await asked.call("SENTINEL", "FAILOVER", "mymaster").catch(() => "")) === "OK";
    await until("the failover", failOver, 30_000);
    const isOver = async () => (await second.admin.info("replication")).includes("role:master");
    await until("the second to be the primary", isOver, 30_000);
    await until(
      "the first to be left",
      async () => !String(await first.admin.client("LIST")).includes("realtime-publish"),
      30_000,
    );
    await crossing(a, b);
  });
});

test("is never ready on a replica, and reports the reason", async () => {
  const [, second] = await pair();
  const { bus } = await startNode("lost", [second.url]);
  await until("the reason", async () => bus.state().reason?.includes("is a replica"), 30_000);
  expect(bus.state()).toMatchObject({ phase: "never", unusable: [{ cause: "read-only" }] });
});

test("names the missing permission when the user may not publish", async () => {
  const server = await redis();
  await server.admin.call("ACL", "SETUSER", "reader", "on", ">secret", "~*", "&*", "+@all", "-publish");
  const { bus } = await startNode("reader", [`redis://reader:secret@127.0.0.1:${server.port}`]);
  await until("the reason", async () => bus.state().unusable?.[0]?.cause === "no-permission", 30_000);
  expect(bus.state().reason).toMatch(/NOPERM/);
  expect(bus.state().reason).not.toContain("secret");
});
