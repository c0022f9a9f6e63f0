import { expect, test } from "@jest/globals";
import { pino } from "pino";
import type { Connection } from "../connections/connection.ts";
import type { LiveConfig } from "../live-config/live-config.ts";
import { AgedConnections } from "./aged-connections.ts";

const HOUR_MS = 3_600_000;
const NOW_MS = 5_000;

/** Makes connections whose moves end only when the test calls `batchEnds`. */
function stage(maxConnectionAgeSeconds: number, random: () => number = () => 0.5) {
  const connections = new Map<string, Connection>();
  const listeners: ((config: LiveConfig) => void)[] = [];
  const live = {
    config: { maxConnectionAgeSeconds } as LiveConfig,
    onChange: (listener: (config: LiveConfig) => void) => void listeners.push(listener),
  };
  const aged = new AgedConnections({
    connections,
    live,
    random,
    nowMs: () => NOW_MS,
    logger: pino({ level: "silent" }),
  });
  const batches: string[][] = [];
  let go: (isServing: boolean) => void = () => undefined;
  let stop: (error: Error) => void = () => undefined;
  aged.moveWith({
    moveAged(batch) {
      batches.push(batch.map(({ engine }) => engine.id));
      return new Promise<boolean>((resolve, reject) => ([go, stop] = [resolve, reject]));
    },
  });
  return {
    aged,
    batches,
    connection(id: string, values: Partial<Connection> = {}): Connection {
      const made = { engine: { id }, seatedAtMs: 0, isRecoverable: true, ...values } as unknown as Connection;
      connections.set(id, made);
      return made;
    },
    close: (id: string) => connections.delete(id),
    edit: (seconds: number) => listeners.forEach((tell) => tell({ maxConnectionAgeSeconds: seconds } as LiveConfig)),
    async batchFails() {
      stop(new Error("Redis is away"));
      await new Promise(setImmediate);
    },
    async batchEnds(isServing = true) {
      go(isServing);
      await new Promise(setImmediate);
    },
  };
}

test.each([
  { random: 0, want: 0.9 },
  { random: 0.5, want: 1 },
  { random: 0.999999, want: 1.1 },
])("is due after $want of the maximum age when the random number is $random", ({ random, want }) => {
  const on = stage(3_600, () => random);
  const connection = on.connection("a", { seatedAtMs: 1_000 });
  on.aged.schedule(connection);
  expect(connection.agedAtMs! - 1_000).toBeCloseTo(want * HOUR_MS, -2);
});

test("is never due without a maximum age", () => {
  const on = stage(0);
  const connection = on.connection("a");
  on.aged.schedule(connection);
  expect(connection.agedAtMs).toBeUndefined();
});

test("follows an edit for connections that are open, and only when the age changes", () => {
  let draws = 0;
  const on = stage(0, () => ((draws += 1), 0.5));
  const [seated, pending] = [on.connection("a"), on.connection("b", { seatedAtMs: undefined })];
  on.edit(3_600);
  expect([seated.agedAtMs, pending.agedAtMs]).toEqual([HOUR_MS, undefined]);
  const before = draws;
  on.edit(3_600);
  expect(draws).toBe(before);
  on.edit(0);
  expect(seated.agedAtMs).toBeUndefined();
});

test("moves few at a time, those first that recovery covers", async () => {
  const on = stage(3_600);
  on.aged.add(on.connection("first"));
  for (let index = 0; index < 25; index += 1) {
    on.aged.add(on.connection(`other-${index}`, { isRecoverable: false }));
    on.aged.add(on.connection(`covered-${index}`));
  }
  await on.batchEnds();
  await on.batchEnds();
  await on.batchEnds();
  expect(on.batches.map(({ length }) => length)).toEqual([1, 20, 5, 20]);
  expect(on.batches.slice(1, 3).flat()).toEqual(Array.from({ length: 25 }, (_, index) => `covered-${index}`));
  expect(on.batches[3]?.[0]).toBe("other-0");
});

test("moves no more connections after an edit that turns the maximum age off", async () => {
  const on = stage(3_600);
  for (let index = 0; index < 30; index += 1) on.aged.add(on.connection(`client-${index}`));
  on.edit(0);
  await on.batchEnds();
  expect(on.batches.flat()).toEqual(["client-0"]);
});

test("moves no more connections when a drain has begun", async () => {
  const on = stage(3_600);
  for (let index = 0; index < 30; index += 1) on.aged.add(on.connection(`client-${index}`));
  await on.batchEnds(false);
  expect(on.batches.flat()).toEqual(["client-0"]);
});

test("makes the connections due again, except closed ones, when their move fails", async () => {
  const on = stage(3_600);
  on.aged.add(on.connection("first"));
  const [open, closed] = [on.connection("open"), on.connection("closed")];
  on.aged.add(open);
  on.aged.add(closed);
  await on.batchEnds();
  on.close("closed");
  await on.batchFails();
  expect(open.agedAtMs).toBe(NOW_MS + 60_000);
  expect(closed.agedAtMs).toBeUndefined();
});
