import { setImmediate as nextTurn } from "node:timers/promises";
import { expect, test } from "@jest/globals";
import type { Entry } from "../message-ring.ts";
import { APPEND_ARGUMENTS } from "./log-scripts.ts";
import { RedisLog, type RedisLogOptions } from "./redis-log.ts";

/**
 * Records which scripts were called, and sends nothing. redis-log.integration.test.ts runs the scripts on a real Redis.
 */
function recorded(): { log: RedisLog; scripts: (readonly (string | number | Buffer)[])[] } {
  const scripts: (readonly (string | number | Buffer)[])[] = [];
  const link: RedisLogOptions["link"] = { run: (_name, args) => void scripts.push(args), flush: () => undefined };
  const position = () => ({ era: 1, s: 0, isWhole: true });
  return { log: new RedisLog({ link, maxBytes: 1, maxAgeMs: () => 1, position, lateChannel: "late" }), scripts };
}

function entry(number: number, bytes: number): Entry {
  const message = { origin: "bcdfghjk", number, namespace: "/events", rooms: ["red"], except: [], atMs: 0 };
  return { ...message, text: Buffer.alloc(bytes), era: 0, s: 0, index: number, openFrom: number };
}

const messagesIn = (script: readonly unknown[]): number =>
  (script.length - APPEND_ARGUMENTS.shared) / APPEND_ARGUMENTS.each;

test.each([
  { bytes: 100, count: 10, want: [10] },
  { bytes: 100, count: 250, want: [100, 100, 50] },
  { bytes: 600_000, count: 5, want: [2, 2, 1] },
])("sends $count messages of $bytes bytes of one turn in scripts of $want", async ({ bytes, count, want }) => {
  const { log, scripts } = recorded();
  for (let number = 1; number <= count; number += 1)
    log.append(entry(number, bytes), { jump: false, late: true }, () => undefined);
  await nextTurn();
  expect(scripts.map(messagesIn)).toEqual(want);
});

test("sends messages that do not follow each other in scripts of their own", async () => {
  const { log, scripts } = recorded();
  for (const [origin, number] of [
    ["bcdfghjk", 1],
    ["bcdfghjk", 2],
    ["bcdfghjk", 9],
    ["lmnpqrst", 10],
  ] as const)
    log.append({ ...entry(number, 100), origin }, { jump: number === 9, late: true }, () => undefined);
  await nextTurn();
  expect(scripts.map((script) => [...script.slice(2, 5), messagesIn(script)])).toEqual([
    ["bcdfghjk", 1, 0, 2],
    ["bcdfghjk", 9, 1, 1],
    ["lmnpqrst", 10, 0, 1],
  ]);
});
