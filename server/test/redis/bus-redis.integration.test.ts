import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "@jest/globals";
import { Emitter } from "@socket.io/redis-emitter";
import { createRequire } from "node:module";
import { Redis } from "ioredis";
import { createServer, type Server as HttpServer } from "node:http";
import type { AddressInfo } from "node:net";
import { pino } from "pino";
import { Server } from "socket.io";
import { io, type Socket as ClientSocket } from "socket.io-client";
import { until } from "../../../testkit/until.ts";
import { encodedBroadcast, encodedParts, type Codec } from "../../src/broadcast/bus/encoded-broadcast.ts";
import { parseRedisAddress, type RedisTarget } from "../../src/redis/redis-address.ts";
import { redisBus, type RedisBus } from "../../src/broadcast/bus/redis-bus.ts";
import type { PublishedBroadcast } from "../../src/broadcast/bus/published-broadcast.ts";
import { gatewayAdapter } from "../../src/broadcast/gateway-adapter.ts";
import { startRedis, type TestRedis } from "../../../testkit/redis.ts";

const require = createRequire(import.meta.url);
const msgpack = createRequire(require.resolve("@socket.io/redis-adapter"))("notepack.io") as Codec;

interface Node {
  bus: RedisBus;
  io: Server;
  client: ClientSocket;
  got: unknown[];
  counts: { published: number; failed: number; dropped: string[] };
  log(): string[];
  close(): Promise<void>;
}

async function startNode(nodeId: string, redises: readonly TestRedis[], prefix = "bus-test"): Promise<Node> {
  const targets = redises.map(({ url }) => parseRedisAddress(url) as RedisTarget);
  const counts: Node["counts"] = { published: 0, failed: 0, dropped: [] };
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

let redis: TestRedis;
let nodes: Node[];
beforeAll(async () => {
  redis = await startRedis({ password: "between us" });
});
afterAll(() => redis.stop());
beforeEach(async () => {
  nodes = await Promise.all([startNode("a", [redis]), startNode("b", [redis])]);
  await Promise.all(nodes.map(({ bus }) => bus.whenReady()));
});
afterEach(() => Promise.all(nodes.map((node) => node.close())));

const both = () => nodes as [Node, Node];

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

test("delivers on both nodes what a stock redis-emitter with our prefix sends", async () => {
  const [a, b] = both();
  const client = new Redis({ port: redis.port, password: "between us" });
  new Emitter(client, { key: "bus-test" }).of("/events").to("lobby").emit("message", "from outside");
  await until("both clients", async () => a.got.length > 0 && b.got.length > 0, 30_000);
  expect([a.got, b.got]).toEqual([["from outside"], ["from outside"]]);
  client.disconnect();
});

test("delivers nothing to a cluster with another prefix on the same Redis", async () => {
  const [a, b] = both();
  const stranger = await startNode("c", [redis], "other");
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

describe("the text that a node has encoded", () => {
  const wire = (packet: PublishedBroadcast[1], text: string) =>
    encodedBroadcast(msgpack, ["another", packet, { rooms: ["lobby"], except: [] }], text);
  const packet: PublishedBroadcast[1] = { type: 2, nsp: "/events", data: ["message", "from the packet"] };

  async function published(message: Buffer, channel = "bus-test#/events#lobby#"): Promise<void> {
    const client = new Redis({ port: redis.port, password: "between us" });
    await client.publish(channel, message);
    client.disconnect();
  }

  test("is published after the packet, which stock readers find complete", async () => {
    const [a] = both();
    const listener = new Redis({ port: redis.port, password: "between us" });
    const heard: Buffer[] = [];
    listener.on("messageBuffer", (_channel: Buffer, message: Buffer) => heard.push(message));
    await listener.subscribe("bus-test#/events#lobby#");
    a.io.of("/events").to("lobby").emit("message", { n: 1 });
    await until("the message", async () => heard.length > 0, 30_000);
    listener.disconnect();
    const [message] = heard as [Buffer];
    expect(encodedParts(message)?.text.toString()).toBe('2/events,["message",{"n":1}]');
    const [uid, sent, options] = msgpack.decode(message) as PublishedBroadcast;
    expect([typeof uid, sent, options]).toEqual([
      "string",
      { type: 2, nsp: "/events", data: ["message", { n: 1 }] },
      { rooms: ["lobby"], except: [], flags: {} },
    ]);
  });

  test("keeps numbers that msgpack would damage", async () => {
    const [a, b] = both();
    for (const number of [1e300, 2 ** 70]) a.io.of("/events").to("lobby").emit("message", number);
    await until("the other node's client", async () => b.got.length > 1, 30_000);
    expect(b.got).toEqual([1e300, 2 ** 70]);
  });

  test.each<{ name: string; message: Buffer; want: string }>([
    {
      name: "the text, where it is this namespace's event",
      message: wire(packet, '2/events,["message","from the text"]'),
      want: "from the text",
    },
    {
      name: "the packet, where the text is another namespace's",
      message: wire(packet, '2/messaging,["message","from the text"]'),
      want: "from the packet",
    },
    { name: "the packet, where the text is a disconnect", message: wire(packet, "1/events,"), want: "from the packet" },
    {
      name: "the packet, where the text was cut off",
      message: wire(packet, '2/events,["message","from the'),
      want: "from the packet",
    },
    {
      name: "the packet, where the list has another unknown element",
      message: msgpack.encode(["another", packet, { rooms: ["lobby"], except: [] }, "?"]),
      want: "from the packet",
    },
  ])("gives clients $name", async ({ message, want }) => {
    const [a, b] = both();
    await published(message);
    await until("both clients", async () => a.got.length > 0 && b.got.length > 0, 30_000);
    expect([a.got, b.got, a.counts.dropped]).toEqual([[want], [want], []]);
  });

  test("reaches no client when the room has no members, or its receivers are malformed", async () => {
    const [, b] = both();
    const text = '2/events,["message","to nobody"]';
    await published(wire(packet, text), "bus-test#/events#empty#");
    await published(encodedBroadcast(msgpack, ["another", packet, { rooms: 7, except: [] } as never], text));
    await until("it to be counted", async () => b.counts.dropped.length > 0, 30_000);
    expect(b.counts.dropped).toEqual(["malformed"]);
    expect(b.got).toEqual([]);
  });
});

describe("a malformed message", () => {
  test.each<{ name: string; message: Buffer | string }>([
    { name: "bytes that are no msgpack", message: Buffer.from([0xc1, 0xff, 0x00]) },
    { name: "an empty message", message: "" },
    { name: "a number", message: Buffer.from([0x07]) },
    { name: "a list without a packet", message: Buffer.from([0x91, 0xa1, 0x78]) },
    {
      name: "an event that Socket.IO keeps for itself",
      message: msgpack.encode([
        "another",
        { type: 2, nsp: "/events", data: ["connect", 1] },
        { rooms: [], except: [] },
      ]),
    },
    { name: "nesting ten thousand deep", message: Buffer.alloc(10_000, 0x91) },
  ])("is dropped and counted when it is $name", async ({ message }) => {
    const [a, b] = both();
    const client = new Redis({ port: redis.port, password: "between us" });
    await client.publish("bus-test#/events#", message);
    await client.publish("bus-test-request#/events#", message);
    await until("it to be counted", async () => b.counts.dropped.includes("malformed"), 30_000);
    a.io.of("/events").emit("message", "fine");
    await until("the next message", async () => b.got.includes("fine"), 30_000);
    client.disconnect();
  });
});

describe("Redis fails", () => {
  afterEach(() => redis.restart());

  test("delivers locally, counts what it cannot publish, and comes back by itself", async () => {
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
  const node = await startNode("lonely", [gone]);
  await until("a reason", async () => node.bus.state().reason?.includes("ECONNREFUSED"), 30_000);
  expect(node.bus.state()).toMatchObject({ phase: "never", reason: expect.stringContaining(String(gone.port)) });
  // Two connections try again, and log once.
  expect(node.log().filter((line) => line.includes("Redis cannot be reached"))).toEqual([
    expect.stringContaining("ECONNREFUSED"),
  ]);
  await node.close();
});

test("carries messages over the second Redis when the first dies", async () => {
  const [first, second] = await Promise.all([startRedis(), startRedis()]);
  const pair = await Promise.all([startNode("x", [first, second]), startNode("y", [first, second])]);
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

  // The first may be back for one node before the other, so the one in use stays in use.
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
