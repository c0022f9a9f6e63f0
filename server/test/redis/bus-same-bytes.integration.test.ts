import { createRequire } from "node:module";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { createAdapter } from "@socket.io/redis-adapter";
import fc from "fast-check";
import { Redis } from "ioredis";
import { pino } from "pino";
import { until } from "../../../testkit/until.ts";
import type { Codec } from "../../src/broadcast/bus/encoded-broadcast.ts";
import { parseRedisAddress, type RedisTarget } from "../../src/redis/redis-address.ts";
import { redisBus } from "../../src/broadcast/bus/redis-bus.ts";
import { startRig, type Connected, type Rig } from "../support/rig.ts";
import { gatewayAdapter } from "../../src/broadcast/gateway-adapter.ts";
import { startRedis, type TestRedis } from "../../../testkit/redis.ts";

/**
 * Runs the same random program on three stock Socket.IO servers, and on two gateways together with one stock server.
 * Every client must receive the same texts in both cases. Only messages of the same publisher have a fixed order, so
 * the test compares them for each publisher separately.
 */
const NAMESPACES = ["/", "/other"];
const SERVERS = 3;
const CLIENTS = 2 * SERVERS;
const require = createRequire(import.meta.url);
const msgpack = createRequire(require.resolve("@socket.io/redis-adapter"))("notepack.io") as Codec;
/**
 * Whether stock servers can transmit this value: their encoding (msgpack) changes some numbers and keys. The programs
 * use no such value.
 */
const survivesMsgpack = (value: unknown): boolean =>
  JSON.stringify(msgpack.decode(msgpack.encode(value))) === JSON.stringify(value);

const from = fc.nat(SERVERS - 1);
const who = fc.nat(CLIENTS - 1);
const where = fc.constantFrom(...NAMESPACES);
const room = fc.constantFrom("red", "blue", "7");
const content = fc.oneof(
  fc.constant("l".repeat(70_000)),
  fc.constant(new Date(0)),
  fc.constant(undefined),
  fc.jsonValue({ maxDepth: 3 }).filter(survivesMsgpack),
);
const step = fc.oneof(
  { weight: 4, arbitrary: fc.record({ do: fc.constant("join" as const), who, where, room }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("leave" as const), who, where, room }) },
  { weight: 6, arbitrary: fc.record({ do: fc.constant("to room" as const), from, where, room, content }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("to both rooms" as const), from, where, content }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("to all" as const), from, where, content }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("to all but" as const), from, where, room, content }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("by a client" as const), who, where, room, content }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("here" as const), from, where, content }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("volatile" as const), from, where, content }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("compressed" as const), from, where, room, content }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("binary" as const), from, where, room }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("turn" as const) }) },
);
type Step = typeof step extends fc.Arbitrary<infer S> ? S : never;

interface Person {
  sockets: Map<string, Connected>;
  /** The received texts, in order of arrival. The attachments of a text follow it. */
  texts: string[];
}

const closing: (() => unknown)[] = [];
let redis: TestRedis;
let stock: Rig[];
let mixed: Rig[];
beforeAll(async () => {
  redis = await startRedis();
  closing.push(() => redis.stop());
  stock = [await startStock("stock"), await startStock("stock"), await startStock("stock")];
  mixed = [await startOurs("mixed", "a"), await startOurs("mixed", "b"), await startStock("mixed")];
  for (const rigs of [stock, mixed]) {
    const people = await arrive(rigs);
    await until(
      "all servers to receive from each other",
      async () => {
        rigs.forEach(({ io }, index) => io.emit("hello", index));
        return people.every(({ texts }) => rigs.every((_, index) => texts.includes(`2["hello",${index}]`)));
      },
      30_000,
      20,
    );
    leave(people);
  }
});
afterAll(async () => {
  for (const close of closing.reverse()) await close();
});

async function startStock(key: string): Promise<Rig> {
  const [publisher, subscriber] = [new Redis(redis.url), new Redis(redis.url)];
  // Use quit and not disconnect. The adapter unsubscribes when it closes, and this would fail on a disconnected client
  // with an error that the test cannot catch.
  closing.push(() => Promise.all([publisher.quit(), subscriber.quit()]));
  return started(await startRig(createAdapter(publisher, subscriber, { key })));
}

async function startOurs(prefix: string, nodeId: string): Promise<Rig> {
  const observer = {
    published: () => undefined,
    publishFailed: () => undefined,
    received: () => undefined,
    dropped: (reason: string) => expect(reason).toBe("nothing"),
  };
  const targets = [parseRedisAddress(redis.url) as RedisTarget];
  const bus = redisBus({
    targets,
    prefix,
    nodeId,
    logger: pino({ level: "silent" }),
    observer,
    now: Date.now,
    random: Math.random,
  });
  closing.push(() => bus.close());
  const rig = await startRig(gatewayAdapter(bus, { sharedFromMembers: nodeId === "a" ? 1 : CLIENTS }));
  await bus.whenReady();
  return started(rig);
}

function started(rig: Rig): Rig {
  for (const namespace of NAMESPACES) rig.io.of(namespace);
  closing.push(() => rig.close());
  return rig;
}

async function arrive(rigs: Rig[]): Promise<Person[]> {
  const people: Person[] = [];
  for (let index = 0; index < CLIENTS; index += 1) {
    const rig = rigs[index % SERVERS]!;
    const sockets = new Map([["/", await rig.connect()]]);
    const { client } = sockets.get("/")!;
    const texts: string[] = [];
    client.io.engine.on("data", (data: unknown) => {
      if (typeof data === "string") texts.push(data);
      else texts.push(`${texts.pop()} ${Buffer.from(data as Uint8Array).toString("hex")}`);
    });
    sockets.set("/other", await rig.enter(sockets.get("/")!, "/other"));
    people.push({ sockets, texts });
  }
  return people;
}

function leave(people: Person[]): void {
  for (const { sockets } of people) sockets.get("/")!.client.io._close();
}

function publisherOf(each: Exclude<Step, { do: "turn" }>): number {
  return "from" in each ? each.from : each.who % SERVERS;
}

function perform(rigs: Rig[], people: Person[], each: Exclude<Step, { do: "turn" }>, number: number): void {
  const publisher = publisherOf(each);
  const name = `${publisher} ${number} ${each.do}`;
  const namespace = rigs[publisher]!.io.of(each.where);
  switch (each.do) {
    case "join":
      return void people[each.who]!.sockets.get(each.where)!.serverSocket.join(each.room);
    case "leave":
      return void people[each.who]!.sockets.get(each.where)!.serverSocket.leave(each.room);
    case "to room":
      return void namespace.to(each.room).emit(name, each.content);
    case "to both rooms":
      return void namespace.to("red").to("blue").emit(name, each.content);
    case "to all":
      return void namespace.emit(name, each.content, each.content);
    case "to all but":
      return void namespace.except(each.room).emit(name, each.content);
    case "by a client":
      return void people[each.who]!.sockets.get(each.where)!.serverSocket.to(each.room).emit(name, each.content);
    case "here":
      return void namespace.local.emit(name, each.content);
    case "volatile":
      return void namespace.volatile.emit(name, each.content);
    case "compressed":
      return void namespace.to(each.room).compress(true).emit(name, each.content);
    case "binary":
      return void namespace.to(each.room).emit(name, Buffer.from([number]), "text");
  }
}

/** Runs a program. Returns, for each client, what it received from each publisher. */
async function run(rigs: Rig[], program: Step[]): Promise<string[][][]> {
  const people = await arrive(rigs);
  let rounds = 0;
  const everythingArrived = async (): Promise<void> => {
    rounds += 1;
    rigs.forEach(({ io }, index) => io.emit("round", rounds, index));
    await until(
      "all messages to arrive everywhere",
      async () =>
        people.every(({ texts }) => rigs.every((_, index) => texts.includes(`2["round",${rounds},${index}]`))),
      30_000,
      1,
    );
  };
  for (const [number, each] of program.entries()) {
    // Wait until all messages have arrived. Otherwise chance would decide whether they arrive before or after this join
    // or leave.
    if (each.do === "join" || each.do === "leave") await everythingArrived();
    if (each.do === "turn") await new Promise((resolve) => setImmediate(() => setImmediate(resolve)));
    else perform(rigs, people, each, number);
  }
  await everythingArrived();
  leave(people);
  return people.map(({ texts }) =>
    rigs.map((_, publisher) => texts.filter((text) => publishers.exec(text)?.[1] === String(publisher))),
  );
}

/** The name of each event begins with the number of its publisher and the number of the step. */
const publishers = /^[^"]*"(\d) \d+ /;
const lasting = (texts: string[][]): string[][] =>
  texts.map((each) => each.filter((text) => !/^[^"]*"\d \d+ volatile/.test(text)));
const volatile = (texts: string[]): number[] =>
  texts.flatMap((text) => (/^[^"]*"\d (\d+) volatile/.exec(text) ?? []).slice(1).map(Number));

test("sends clients of a mixed cluster the same as clients of a stock cluster", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 40, size: "max" }), async (program) => {
      const want = await run(stock, program);
      for (const [index, got] of (await run(mixed, program)).entries()) {
        expect(lasting(got)).toEqual(lasting(want[index]!));
        for (const texts of got) expect(volatile(texts)).toEqual([...new Set(volatile(texts))].sort((a, b) => a - b));
      }
    }),
    {
      numRuns: Number(process.env["FANOUT_RUNS"] ?? 40),
      interruptAfterTimeLimit: 20_000,
      markInterruptAsFailure: false,
    },
  );
});
