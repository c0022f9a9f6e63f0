import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "@jest/globals";
import { Emitter } from "@socket.io/redis-emitter";
import { Redis } from "ioredis";
import { until } from "../../../testkit/until.ts";
import { startRedis, type TestRedis } from "../../../testkit/redis.ts";
import { startBusNode, type BusNode } from "./bus-node.ts";

let redis: TestRedis;
let nodes: BusNode[];
beforeAll(async () => {
  redis = await startRedis({ password: "between us" });
});
afterAll(() => redis.stop());
beforeEach(async () => {
  nodes = await Promise.all([startBusNode("a", [redis]), startBusNode("b", [redis])]);
  await Promise.all(nodes.map(({ bus }) => bus.whenReady()));
});
afterEach(() => Promise.all(nodes.map((node) => node.close())));

const both = () => nodes as [BusNode, BusNode];

test("delivers a broadcast once to the clients of both nodes", async () => {
  const [a, b] = both();
  a.io.of("/events").to("lobby").emit("message", "one");
  await until("the other node's client", async () => b.got.length > 0, 30_000);
  a.io.of("/events").to("lobby").emit("message", "two");
  await until("the second message", async () => b.got.length > 1, 30_000);
  expect(b.got).toEqual(["one", "two"]);
  expect(a.got).toEqual(["one", "two"]);
  expect(a.bus.nodes()).toBe(2);
});

test("delivers events of a stock redis-emitter with our prefix on both nodes", async () => {
  const [a, b] = both();
  const client = new Redis({ port: redis.port, password: "between us" });
  new Emitter(client, { key: "bus-test" }).of("/events").to("lobby").emit("message", "from outside");
  await until("both clients", async () => a.got.length > 0 && b.got.length > 0, 30_000);
  expect([a.got, b.got]).toEqual([["from outside"], ["from outside"]]);
  client.disconnect();
});

test("delivers nothing to a cluster with another prefix on the same Redis", async () => {
  const [a, b] = both();
  const stranger = await startBusNode("c", [redis], "other");
  await stranger.bus.whenReady();
  a.io.of("/events").emit("message", "private");
  await until("the own cluster", async () => b.got.length > 0, 30_000);
  expect(stranger.got).toEqual([]);
  await stranger.close();
});

test("carries attachments unchanged", async () => {
  const [a, b] = both();
  a.io
    .of("/events")
    .to("lobby")
    .emit("message", { bytes: Buffer.from([1, 2, 3]) });
  await until("the other node's client", async () => b.got.length > 0, 30_000);
  expect(b.got).toEqual([{ bytes: Buffer.from([1, 2, 3]) }]);
});

test("carries requests to both nodes: acknowledged broadcasts, fetchSockets, serverSideEmit", async () => {
  const [a, b] = both();
  for (const [index, node] of nodes.entries()) {
    node.client.on("question", (answer: (value: number) => void) => answer(index));
    node.io.of("/events").on("count", (answer: (value: number) => void) => answer(index));
  }
  const events = a.io.of("/events");
  await until("both to know each other", async () => nodes.every(({ bus }) => bus.nodes() === 2), 30_000);
  const answers = (await events.to("lobby").timeout(30_000).emitWithAck("question")) as number[];
  expect(answers.toSorted()).toEqual([0, 1]);
  expect((await events.in("lobby").fetchSockets()).map(({ id }) => id).toSorted()).toEqual(
    [a.client.id, b.client.id].toSorted(),
  );
  expect(await events.serverSideEmitWithAck("count")).toEqual([1]);
});

describe("Redis fails", () => {
  afterEach(() => redis.restart());

  test("delivers locally, counts events that it cannot publish, and reconnects by itself", async () => {
    const [a, b] = both();
    await redis.kill();
    await until(
      "the bus to be down",
      async () => a.bus.state().phase === "down" && b.bus.state().phase === "down",
      30_000,
    );
    a.io.of("/events").to("lobby").emit("message", "local");
    await until("the local client", async () => a.got.includes("local"), 30_000);
    expect(a.counts.failed).toBeGreaterThan(0);
    expect(a.bus.state().reason).not.toContain("between");
    await redis.restart();
    await until("the bus to be up", async () => a.bus.state().phase === "up" && b.bus.state().phase === "up", 30_000);
    a.io.of("/events").to("lobby").emit("message", "again");
    await until("the other node's client", async () => b.got.includes("again"), 30_000);
    expect(b.got).toEqual(["again"]);
  });

  test("goes down when Redis stops answering without closing a connection", async () => {
    const [a] = both();
    redis.pause();
    await until("the bus to be down", async () => a.bus.state().phase === "down", 30_000);
    redis.resume();
    await until("the bus to be up", async () => a.bus.state().phase === "up", 30_000);
  });
});

test("stays 'never' with the address in its reason when Redis was never reached", async () => {
  const gone = await startRedis();
  await gone.stop();
  const node = await startBusNode("lonely", [gone]);
  await until("a reason", async () => node.bus.state().reason?.includes("ECONNREFUSED"), 30_000);
  expect(node.bus.state()).toMatchObject({ phase: "never", reason: expect.stringContaining(String(gone.port)) });
  // The bus has two connections and both fail repeatedly, but the log must have only one entry.
  expect(node.log().filter((line) => line.includes("Redis cannot be reached"))).toEqual([
    expect.stringContaining("ECONNREFUSED"),
  ]);
  await node.close();
});

test("carries messages over the second Redis when the first dies", async () => {
  const [first, second] = await Promise.all([startRedis(), startRedis()]);
  const pair = await Promise.all([startBusNode("x", [first, second]), startBusNode("y", [first, second])]);
  await Promise.all(pair.map(({ bus }) => bus.whenReady()));
  await first.kill();
  const [x, y] = pair;
  let round = 0;
  await until(
    "messages over the second",
    async () => {
      x.io.of("/events").to("lobby").emit("message", `round ${round++}`);
      return y.got.length > 0;
    },
    30_000,
  );
  expect(x.bus.state().phase).toBe("up");
  expect(new Set(y.got).size).toBe(y.got.length);

  // After its restart, the first Redis may work for one node before the other. So the nodes must keep publishing on the
  // second.
  await first.restart();
  const [heard, canaries] = [[] as string[], [] as string[]];
  const listeners = [first, second].map(({ port }, index) =>
    new Redis(port).on("pmessage", (_pattern, channel, message: string) => {
      if (!channel.endsWith("-canary")) heard.push(index === 0 ? "first" : "second");
      else if (index === 0) canaries.push(message.split(" ")[0] ?? "");
    }),
  );
  for (const listener of listeners) await listener.psubscribe("*bus-test*", "*socket.io*");
  const canariesOf = (node: string) => canaries.filter((sender) => sender === node).length;
  await until("both nodes to be on the first again", async () => canariesOf("x") > 2 && canariesOf("y") > 2, 30_000);
  x.io.of("/events").to("lobby").emit("message", "after");
  await until("the message", async () => y.got.includes("after"), 30_000);
  expect(new Set(heard)).toEqual(new Set(["second"]));
  for (const listener of listeners) listener.disconnect();
  await Promise.all(pair.map((node) => node.close()));
  await Promise.all([first.stop(), second.stop()]);
});
