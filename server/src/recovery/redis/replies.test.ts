import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import type { Entry } from "../message-ring.ts";
import { headerText, lateMessage, parseLate } from "./log-entries.ts";
import type { LogEntry } from "../log-port.ts";
import { readAppended, readInfo, readPage } from "./log-replies.ts";
import { readBeat, readLeave, readPageOfSessions } from "./owner-store.ts";
import { readNews, readSession } from "./session-store.ts";

const entry: Entry = {
  ...{ origin: "bcdfghjk", number: 7, namespace: "/events", rooms: ["red", "blue"], except: ["one"], atMs: 1_000 },
  ...{ text: Buffer.from('2/events,["m"]'), index: 1, openFrom: 1, era: 5, s: 9 },
};
const { origin, number, namespace, rooms, except, atMs, text } = entry;
const message = { origin, number, namespace, rooms, except, atMs, text };
const info = ["100", "90", "3", "2", "9", '["bcdfghjk","4"]', "bcdfghjk", "7"];
const page = [9, Buffer.from(headerText(entry)), entry.text!];
const session = ["u", "ada", "n", "/events", "i", "id", "b", "a.1", "a", "0", "g", "3", "ng", "4", "r:red", "1a.2"];

const beat = [1, "bcdfghjk", "0", "lmnpqrst", "12000"];
const pageOfSessions = ["page", "0", "hash", [...session.slice(0, -4), "x", "1000"]];
const news = ["saved", "taken", "one", "7", "bcdfghjk", "left", "two", "8", ""];

/** Random values of all kinds that Redis can send. */
const reply = fc.letrec((tie) => ({
  any: fc.oneof(
    { maxDepth: 3 },
    fc.constantFrom(null, undefined, true, NaN, Infinity, -1, 0, 2 ** 53, "", "gap", "stored", "__proto__", "1e3"),
    fc.string(),
    fc.double(),
    fc.bigInt(),
    fc.uint8Array().map((bytes) => Buffer.from(bytes)),
    fc.array(tie("any"), { maxLength: 9 }),
    fc.dictionary(fc.string(), tie("any"), { maxKeys: 3 }),
  ),
})).any;

/** A valid answer in which some parts were replaced, removed or repeated. */
function damaged(good: readonly unknown[]): fc.Arbitrary<unknown[]> {
  const change = fc.tuple(fc.nat(good.length - 1), fc.constantFrom("replace", "remove", "repeat"), reply);
  return fc.array(change, { minLength: 1, maxLength: 3 }).map((changes) => {
    const list = [...good];
    for (const [at, what, value] of changes)
      list.splice(at, what === "repeat" ? 0 : 1, ...(what === "remove" ? [] : [value]));
    return list;
  });
}

const isCount = (value: number): boolean => Number.isSafeInteger(value) && value >= 0;

function expectSafe(value: unknown): void {
  const parts = readInfo(value);
  if (parts !== undefined) {
    for (const each of [parts.era, parts.first, parts.last, parts.boundary]) expect(isCount(each)).toBe(true);
    for (const each of [...parts.at.values(), ...parts.numbers.values()]) expect(isCount(each)).toBe(true);
  }
  for (const one of readPage(value) ?? []) expectEntry(one);
  const appended = readAppended(value);
  if (typeof appended === "number") expect(isCount(appended)).toBe(true);
  const held = readSession("hash", value);
  if (typeof held === "object") expect(isCount(held.generation)).toBe(true);
  expectSafeOwners(value);
}

function expectSafeOwners(value: unknown): void {
  for (const ageMs of readBeat(value)?.agesMs.values() ?? []) expect(isCount(ageMs)).toBe(true);
  for (const { generation } of readNews(value) ?? []) expect(isCount(generation)).toBe(true);
  const leave = readLeave(value);
  if (typeof leave === "object") expect(isCount(leave.generation)).toBe(true);
  const page = readPageOfSessions(value);
  if (typeof page === "object") for (const { hash } of page.sessions) expect(typeof hash).toBe("string");
}

function expectEntry(one: LogEntry): void {
  expect(isCount(one.s)).toBe(true);
  if (one.message === undefined) return;
  expect(isCount(one.message.number)).toBe(true);
  for (const name of [...one.message.rooms, ...one.message.except]) expect(typeof name).toBe("string");
}

describe("an answer of Redis", () => {
  test("is read as the scripts give it", () => {
    expect(readInfo(info)).toEqual({
      ...{ era: 100, previous: 90, boundary: 3, first: 2, last: 9 },
      ...{ at: new Map([["bcdfghjk", 4]]), numbers: new Map([["bcdfghjk", 7]]) },
    });
    expect(readInfo(["100", "0", "0", "1", "0", "{}"])).toMatchObject({ last: 0, at: new Map() });
    expect(readPage(page)).toEqual([{ s: 9, message }]);
    expect(readPage([9])).toEqual([]);
    expect(readPage(null)).toEqual([]);
    expect(readAppended(4)).toBe(4);
    expect(readAppended(null)).toBe("none");
    expect(readSession("hash", session)).toMatchObject({
      userId: "ada",
      generation: 4,
      rooms: new Map([["red", { isKnown: true, isGranted: false, offset: "a.2" }]]),
    });
    expect(readSession("hash", [])).toBe("none");
  });

  test("is read as the scripts for owners give it", () => {
    expect(readBeat(beat)).toEqual({
      isNew: true,
      agesMs: new Map([
        ["bcdfghjk", 0],
        ["lmnpqrst", 12_000],
      ]),
    });
    expect(readPageOfSessions(pageOfSessions)).toMatchObject({
      cursor: "0",
      sessions: [{ hash: "hash", userId: "ada", hasLeft: true }],
    });
    expect(readPageOfSessions(["busy"])).toBe("busy");
    expect(readLeave(["left"])).toBe("left");
    expect(readLeave(["taken", "7", "bcdfghjk"])).toEqual({ generation: 7, owner: "bcdfghjk" });
    expect(readNews(news)).toEqual([
      { kind: "taken", hash: "one", generation: 7, owner: "bcdfghjk" },
      { kind: "left", hash: "two", generation: 8, owner: "" },
    ]);
  });

  test("never throws and never gives a number that is none, whatever it is", () => {
    fc.assert(fc.property(reply, expectSafe), { numRuns: 3_000 });
  });

  test.each([
    ["attach", info],
    ["claim", session],
    ["beat", beat],
    ["page", page],
    ["page of sessions", pageOfSessions],
    ["leave", ["taken", "7", "bcdfghjk"]],
    ["save", news],
  ])("never throws when parts of an answer to %s are damaged", (_, good) => {
    fc.assert(fc.property(damaged(good), expectSafe), { numRuns: 1_000 });
  });

  test("keeps the place of an entry whose message cannot be read", () => {
    const broken = [
      "",
      "null",
      "[]",
      "{}",
      '{"o":1}',
      headerText({ ...entry, number: -1 }),
      headerText({ ...entry, rooms: [1] as never }),
    ];
    for (const header of broken) {
      const parts = [Buffer.from(header), Buffer.from("text")];
      expect(readPage([9, ...parts])).toEqual([{ s: 9, message: undefined }]);
    }
  });

  test("leaves out numbers of the log that are none", () => {
    const { numbers } = readInfo([...info, "__proto__", "1", "origin1", "x", "origin2", "-4", "origin3", "5"])!;
    expect([...numbers]).toEqual([
      ["bcdfghjk", 7],
      ["origin3", 5],
    ]);
  });
});

describe("a message of the late channel", () => {
  test("comes back as it was written", () => {
    const { message: bytes, textEnd } = lateMessage(entry, "late");
    bytes.writeUIntBE(100, textEnd, 6);
    bytes.writeUIntBE(9, textEnd + 6, 6);
    expect(parseLate(bytes)).toEqual({ era: 100, s: 9, message });
    expect(parseLate(lateMessage({ ...entry, text: undefined }, "late").message)?.message.text).toBeUndefined();
  });

  test("is none when bytes were changed so that it cannot be read", () => {
    const { message: good } = lateMessage(entry, "late");
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.nat(good.length - 1), fc.nat(255)), { maxLength: 8 }),
        fc.nat(good.length),
        (changes, length) => {
          const bytes = Buffer.from(good);
          for (const [at, byte] of changes) bytes[at] = byte;
          const parsed = parseLate(bytes.subarray(0, length));
          if (parsed !== undefined) expectEntry(parsed);
        },
      ),
      { numRuns: 2_000 },
    );
  });
});
