// Drains of clients that move by themselves. All gateways have one ledger, as in a cluster.
import { expect, test } from "@jest/globals";
import { pino } from "pino";
import type { Connection } from "../connections/connection.ts";
import { memoryLedger } from "../ledger/memory/memory-ledger.ts";
import type { Limits } from "../protocol/limits.ts";
import { Drain, type DrainDeps } from "./drain.ts";

const PER_SECOND = 100;
const MOST_PER_SECOND = 1.2 * PER_SECOND;

/** A clock that advances to the next timer when nothing else is left to do. */
function virtualClock() {
  const timers: { atMs: number; go: () => void }[] = [];
  const clock = {
    nowMs: 1_000_000,
    at: (atMs: number, go: () => void): void => void timers.push({ atMs, go }),
    wait: (afterMs: number): Promise<void> =>
      new Promise((resolve) => void timers.push({ atMs: clock.nowMs + afterMs, go: resolve })),
    async runUntil(end: Promise<unknown>): Promise<void> {
      let isOver = false;
      void end.finally(() => (isOver = true));
      for (;;) {
        await new Promise(setImmediate);
        if (isOver) return;
        timers.sort((a, b) => a.atMs - b.atMs);
        const next = timers.shift()!;
        clock.nowMs = Math.max(clock.nowMs, next.atMs);
        next.go();
      }
    },
  };
  return clock;
}

type Clock = ReturnType<typeof virtualClock>;

interface Left {
  id: string;
  atMs: number;
  how: "closed" | "moved";
}

/** A cluster whose clients say that they move by themselves. `moves` says which of them really do. */
function cluster(clock: Clock, moves: (index: number) => boolean) {
  const ledger = memoryLedger({ limits: {} as Limits, now: () => clock.nowMs });
  ledger.setDrainRate(PER_SECOND);
  const left: Left[] = [];
  const gateway = (name: string, clients: number): Drain => {
    const connections = new Map<string, Connection>();
    const leave = (id: string, how: Left["how"]): void => {
      if (connections.delete(id)) left.push({ id, atMs: clock.nowMs, how });
    };
    for (let index = 0; index < clients; index += 1) {
      const id = `${name}-${index}`;
      const moveLater = (_: string, { reconnectWithinMs }: { reconnectWithinMs: number }): void => {
        if (!moves(index)) return;
        clock.at(clock.nowMs + ((index * 7_919) % 1_000) * (reconnectWithinMs / 1_000), () => {
          Object.assign(connection, { closeReason: "TAKEN_OVER" });
          leave(id, "moved");
        });
      };
      const connection = {
        engine: { id },
        sockets: new Set([{ emit: moveLater }]),
        ...{ movesItself: true, isClosing: false, handlerRequests: 0 },
        close: () => leave(id, "closed"),
      };
      connections.set(id, connection as unknown as Connection);
    }
    return new Drain({
      gateway: { connections, refuseNewcomers: () => undefined },
      ledger,
      live: { config: { drain: { connectionsPerSecond: PER_SECOND } } } as DrainDeps["live"],
      metrics: { drained: { inc: () => undefined } } as unknown as DrainDeps["metrics"],
      logger: pino({ level: "silent" }),
      nowMs: () => clock.nowMs,
      wait: clock.wait,
    });
  };
  return { gateway, left };
}

/** The largest number of clients that left within one second. */
function fullestSecond(left: readonly Left[]): number {
  return Math.max(
    ...left.map(({ atMs: fromMs }) => left.filter(({ atMs }) => atMs >= fromMs && atMs < fromMs + 1_000).length),
  );
}

const MINUTE_MS = 60_000;

test.each<{ when: string; moves: (index: number) => boolean; moved: number }>([
  { when: "all of them move", moves: () => true, moved: 800 },
  { when: "none of them moves", moves: () => false, moved: 0 },
  { when: "every second one moves", moves: (index) => index % 2 === 0, moved: 400 },
  { when: "the first half of each gateway does not move", moves: (index) => index >= 200, moved: 400 },
])("no second has more moves than the cluster's rate when $when", async ({ moves, moved }) => {
  const clock = virtualClock();
  const { gateway, left } = cluster(clock, moves);
  const drainOfA = gateway("a", 400).start(clock.nowMs + MINUTE_MS);
  // The second drain begins while the first one is half-way.
  await clock.runUntil(clock.wait(2_000));
  const drainOfB = gateway("b", 400).start(clock.nowMs + MINUTE_MS);
  await clock.runUntil(Promise.all([drainOfA, drainOfB]));
  expect(left).toHaveLength(800);
  expect(left.filter(({ how }) => how === "moved")).toHaveLength(moved);
  expect(fullestSecond(left)).toBeLessThanOrEqual(MOST_PER_SECOND);
});

test("two sheds at once have no second with more moves than the cluster's rate", async () => {
  const clock = virtualClock();
  const { gateway, left } = cluster(clock, () => true);
  const deadlineMs = clock.nowMs + MINUTE_MS;
  const sheds = ["a", "b"].map((name) => gateway(name, 400).shed({ wanted: 200, deadlineMs }));
  await clock.runUntil(Promise.all(sheds));
  expect(await Promise.all(sheds)).toEqual([200, 200]);
  expect(left).toHaveLength(400);
  expect(fullestSecond(left)).toBeLessThanOrEqual(MOST_PER_SECOND);
});
