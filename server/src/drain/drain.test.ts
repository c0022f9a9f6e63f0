import { expect, test } from "@jest/globals";
import { pino } from "pino";
import type { Connection } from "../connections/connection.ts";
import type { Limits } from "../protocol/limits.ts";
import { memoryLedger } from "../ledger/memory/memory-ledger.ts";
import { closeReasons, type CloseReason } from "../protocol/close-reasons.ts";
import { Drain, type DrainDeps } from "./drain.ts";

const PER_SECOND = 10;
/** Number of tokens in a new bucket, in addition to those that are added every second. */
const IN_HAND = 1;

/** A drain of a gateway with this many clients. The clock runs only while the drain waits. */
function stage(clients: number, delayMs = 0) {
  let nowMs = 1_000_000;
  const connections = new Map<string, Connection>();
  const left: { id: string; atMs: number; how: "closed" | "cut" | "by itself" }[] = [];
  const announced: { id: string; reconnectWithinMs: number }[] = [];
  let counted = 0;
  const leave = (id: string, how: "closed" | "cut" | "by itself"): void => {
    if (connections.delete(id)) left.push({ id, atMs: nowMs, how });
  };
  const enter = (id: string, sockets: number): void => {
    const emit = (_event: string, { reconnectWithinMs }: { reconnectWithinMs: number }) =>
      void announced.push({ id, reconnectWithinMs });
    const connection = {
      engine: { id },
      sockets: new Set(Array.from({ length: sockets }, () => ({ emit }))),
      isClosing: false,
      handlerRequests: 0,
      close: (reason: CloseReason) => leave(id, closeReasons[reason].socket === "cut" ? "cut" : "closed"),
    };
    connections.set(id, connection as unknown as Connection);
  };
  for (let index = 0; index < clients; index += 1) enter(`client-${index}`, 1);

  const ledger = memoryLedger({ limits: {} as Limits, now: () => nowMs });
  ledger.setDrainRate(PER_SECOND);
  let everyStep: () => void = () => undefined;
  const gateway = { connections, refuseNewcomers: () => undefined };
  const drain = new Drain({
    gateway: gateway,
    delayMs,
    ledger,
    live: { config: { drain: { connectionsPerSecond: PER_SECOND } } } as DrainDeps["live"],
    metrics: { drained: { inc: (_: object, count = 1) => (counted += count) } } as unknown as DrainDeps["metrics"],
    logger: pino({ level: "silent" }),
    nowMs: () => nowMs,
    async wait(afterMs) {
      nowMs += afterMs;
      everyStep();
    },
  });
  return {
    drain,
    ledger,
    connections,
    left,
    announced,
    counted: () => counted,
    enter,
    leave,
    now: () => nowMs,
    onEveryStep: (step: () => void) => void (everyStep = step),
  };
}

test("closes connections at the rate and no faster, oldest first", async () => {
  const { drain, left, now } = stage(100);
  const startedAtMs = now();
  await drain.start(now() + 60_000);
  expect(left.map(({ id }) => id)).toEqual(Array.from({ length: 100 }, (_, index) => `client-${index}`));
  for (const [index, { atMs }] of left.entries())
    expect(index + 1).toBeLessThanOrEqual(IN_HAND + ((atMs - startedAtMs) / 1_000) * PER_SECOND + 0.01);
});

test("moves clients that wait for a handler last, and among them first those that have got their answer", async () => {
  const { drain, connections, left, now, onEveryStep } = stage(60);
  const all = [...connections.values()];
  for (const connection of all.slice(0, 2)) connection.handlerRequests = 1;
  onEveryStep(() => {
    if (left.length > 20) all[1]!.handlerRequests = 0;
  });
  await drain.start(now() + 60_000);
  const order = left.map(({ id }) => id);
  expect(order).toHaveLength(60);
  expect(order.slice(-2)).toEqual(["client-1", "client-0"]);
});

test("closes connections in no namespace at once and without a drain token", async () => {
  const { drain, left, enter, announced, now } = stage(3);
  for (let index = 0; index < 500; index += 1) enter(`pending-${index}`, 0);
  const startedAtMs = now();
  await drain.start(now() + 60_000);
  const pending = left.filter(({ id }) => id.startsWith("pending"));
  expect(pending).toHaveLength(500);
  expect(pending.every(({ atMs, how }) => atMs < startedAtMs + 500 && how === "closed")).toBe(true);
  expect(now() - startedAtMs).toBeLessThan(1_000);
  expect(announced.map(({ reconnectWithinMs }) => reconnectWithinMs)).toEqual([300, 300, 300]);
});

test("moves and informs nobody during the delay, and the delay counts against the deadline", async () => {
  const { drain, left, announced, now } = stage(20, 10_000);
  const startedAtMs = now();
  await drain.start(now() + 12_000);
  expect(Math.min(...left.map(({ atMs }) => atMs - startedAtMs))).toBeGreaterThanOrEqual(10_000);
  expect(announced[0]?.reconnectWithinMs).toBe(1_750);
  expect(now() - startedAtMs).toBeLessThanOrEqual(12_000 + 2_000);
});

test("counts clients that leave on their own against the rate", async () => {
  const { drain, connections, left, leave, now, onEveryStep } = stage(100);
  const startedAtMs = now();
  let heeded = 0;
  // Half of the clients disconnect by themselves, the newest first. The drain moves the oldest first.
  onEveryStep(() => {
    for (; heeded < ((now() - startedAtMs) / 1_000) * (PER_SECOND / 2); heeded += 1)
      leave([...connections.keys()].at(-1) ?? "", "by itself");
  });
  await drain.start(now() + 60_000);
  expect(left.filter(({ how }) => how === "by itself").length).toBeGreaterThan(40);
  for (const [index, { atMs }] of left.entries())
    expect(index + 1).toBeLessThanOrEqual(2 + IN_HAND + ((atMs - startedAtMs) / 1_000) * PER_SECOND);
});

test("announces no more time than is left until the deadline", async () => {
  const { drain, announced, left, now } = stage(100);
  await drain.start(now() + 2_000);
  expect(new Set(announced.map(({ reconnectWithinMs }) => reconnectWithinMs))).toEqual(new Set([1_750]));
  expect(left).toHaveLength(100);
});

test.each<{ name: string; begin: (on: ReturnType<typeof stage>) => Promise<unknown> }>([
  { name: "a drain that has reached its deadline", begin: ({ drain, now }) => drain.start(now() + 2_000) },
  {
    name: "a shed that has reached its deadline",
    begin: ({ drain, now }) => drain.shed({ wanted: 50, deadlineMs: now() + 2_000 }),
  },
  {
    name: "a drain whose clients all left by themselves",
    begin: ({ drain, connections, leave, now, onEveryStep }) => {
      onEveryStep(() => [...connections.keys()].forEach((id) => leave(id, "by itself")));
      return drain.start(now() + 2_000);
    },
  },
])("leaves nothing announced to the cluster after $name", async ({ begin }) => {
  const on = stage(100);
  await begin(on);
  expect(await on.ledger.announceDrain(0)).toEqual({ connectionsLeft: 0 });
});

test("announces the time that all draining nodes need together", async () => {
  const { drain, ledger, announced, now } = stage(10);
  await ledger.announceDrain(90);
  await drain.start(now() + 60_000);
  expect(announced[0]).toEqual({ id: "client-0", reconnectWithinMs: 10_000 });
});

test("keeps the remaining connections when a shed reaches its deadline", async () => {
  const { drain, connections, now } = stage(100);
  const moved = await drain.shed({ wanted: 50, deadlineMs: now() + 2_000 });
  expect(moved).toBeGreaterThan(15);
  expect(moved).toBeLessThan(25);
  expect(connections.size).toBe(100 - moved);
});

test("ends a shed when a drain begins, and takes one token per connection", async () => {
  const { drain, left, now } = stage(100);
  const startedAtMs = now();
  const shed = drain.shed({ wanted: 100, deadlineMs: now() + 60_000 });
  await Promise.all([shed, drain.start(now() + 60_000)]);
  expect(left).toHaveLength(100);
  expect(now() - startedAtMs).toBeLessThan(11_000);
  expect(await drain.shed({ wanted: 5, deadlineMs: now() + 60_000 })).toBe(0);
});

test("moves different connections when two sheds run at once", async () => {
  const { drain, connections, now } = stage(20);
  expect(
    await Promise.all([
      drain.shed({ wanted: 5, deadlineMs: now() + 60_000 }),
      drain.shed({ wanted: 5, deadlineMs: now() + 60_000 }),
    ]),
  ).toEqual([5, 5]);
  expect([...connections.keys()]).toEqual(Array.from({ length: 10 }, (_, index) => `client-${index}`));
});

test("sheds no connection that is closing already", async () => {
  const { drain, connections, left, now } = stage(10);
  Object.assign(connections.get("client-9")!, { isClosing: true });
  expect(await drain.shed({ wanted: 2, deadlineMs: now() + 60_000 })).toBe(2);
  expect(left.map(({ id }) => id)).toEqual(["client-8", "client-7"]);
});

test("does not close the connection of a client that moves by itself, and counts the move against the rate", async () => {
  const { drain, connections, left, leave, now, onEveryStep, counted } = stage(20);
  const startedAtMs = now();
  for (const connection of connections.values()) Object.assign(connection, { movesItself: true });
  onEveryStep(() => {
    const id = [...connections.keys()].at(-1);
    if (id === undefined || now() - startedAtMs < 100 * (20 - connections.size)) return;
    Object.assign(connections.get(id)!, { closeReason: "TAKEN_OVER" });
    leave(id, "by itself");
  });
  await drain.start(now() + 60_000);
  expect(left.filter(({ how }) => how === "by itself")).toHaveLength(20);
  expect(counted()).toBe(20);
});

test("closes the connection of a client that has not moved by itself 5 s after it was told", async () => {
  const { drain, ledger, connections, announced, left, now } = stage(1);
  const startedAtMs = now();
  Object.assign(connections.get("client-0")!, { movesItself: true });
  await drain.start(now() + 60_000);
  expect(announced).toEqual([{ id: "client-0", reconnectWithinMs: 0 }]);
  expect(left).toMatchObject([{ id: "client-0", how: "closed" }]);
  expect(left[0]!.atMs - startedAtMs).toBeGreaterThanOrEqual(250 + 5_000);
  expect(left[0]!.atMs - startedAtMs).toBeLessThan(6_000);
  expect(await ledger.announceDrain(0)).toEqual({ connectionsLeft: 0 });
});

test("moves other clients while some have time to move by themselves", async () => {
  const { drain, connections, left, now } = stage(20);
  for (const id of ["client-0", "client-1"]) Object.assign(connections.get(id)!, { movesItself: true });
  await drain.start(now() + 60_000);
  expect(left.slice(-2).map(({ id }) => id)).toEqual(["client-0", "client-1"]);
});

test("announces a shed to the clients that it moves, and to no other", async () => {
  const { drain, announced, now } = stage(20);
  await drain.shed({ wanted: 5, deadlineMs: now() + 60_000 });
  expect(announced.map(({ id }) => id).sort()).toEqual([15, 16, 17, 18, 19].map((index) => `client-${index}`));
  expect(new Set(announced.map(({ reconnectWithinMs }) => reconnectWithinMs))).toEqual(new Set([500]));
});
