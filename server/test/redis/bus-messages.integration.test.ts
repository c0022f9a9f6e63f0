// Tests messages that gateways and other programs publish on the bus: correct ones and malformed ones.
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "@jest/globals";
import { createRequire } from "node:module";
import { Redis } from "ioredis";
import { until } from "../../../testkit/until.ts";
import { startRedis, type TestRedis } from "../../../testkit/redis.ts";
import { encodedBroadcast, encodedParts, type Codec } from "../../src/broadcast/bus/encoded-broadcast.ts";
import type { PublishedBroadcast } from "../../src/broadcast/bus/published-broadcast.ts";
import { startBusNode, type BusNode } from "./bus-node.ts";

const require = createRequire(import.meta.url);
const msgpack = createRequire(require.resolve("@socket.io/redis-adapter"))("notepack.io") as Codec;

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
    { name: "bytes that are not msgpack", message: Buffer.from([0xc1, 0xff, 0x00]) },
    { name: "an empty message", message: "" },
    { name: "a number", message: Buffer.from([0x07]) },
    { name: "a list without a packet", message: Buffer.from([0x91, 0xa1, 0x78]) },
    {
      name: "an event name that Socket.IO reserves",
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
