import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { formatOffset, MOST_OVERRIDES, NO_OFFSET, parseOffset, withOverride } from "./offset.ts";

const number = fc.integer({ min: 1, max: 2 ** 47 });
const origin = fc.stringMatching(/^[a-z0-9]{8}$/);

describe("an offset", () => {
  test("comes back as it was written", () => {
    fc.assert(
      fc.property(
        number,
        number,
        fc.array(fc.tuple(origin, number), { maxLength: MOST_OVERRIDES }),
        (era, s, pairs) => {
          const offset = { era, s, over: new Map(pairs) };
          expect(parseOffset(formatOffset(offset))).toEqual(offset);
        },
      ),
    );
  });

  test("has at most 32 bytes while only the gateway's own messages wait for the log", () => {
    const era = Date.UTC(2038, 0, 19) / 16;
    const busy = { era, s: 36 ** 6 - 1, over: new Map([["bcdfghjk", 36 ** 5 - 1]]) };
    expect(formatOffset(busy).length).toBeLessThanOrEqual(32);
  });

  test("is none when there are more overrides than anybody reads", () => {
    const over = new Map(Array.from({ length: MOST_OVERRIDES + 1 }, (_, at) => [`origin${at}`, 1]));
    expect(formatOffset({ era: 1, s: 1, over })).toBe(NO_OFFSET);
  });

  test("keeps the higher of two numbers of an origin", () => {
    const offset = { era: 1, s: 5, over: new Map([["origin", 7]]) };
    expect(withOverride(offset, "origin", 6)).toBe(offset);
    expect(withOverride(offset, "origin", 8).over.get("origin")).toBe(8);
    expect(offset.over.get("origin")).toBe(7);
  });
});

describe("what no gateway has written", () => {
  test.each([
    ["nothing", undefined],
    ["a number", 17],
    ["an object", { era: 1 }],
    ["an empty text", ""],
    ["the offset that is none", NO_OFFSET],
    ["one part", "a"],
    ["a word", "connected"],
    ["a date", "2026-11-30T02:35:38.000Z"],
    ["a stream's id", "1764470000000-0"],
    ["upper case", "A.1"],
    ["a number with a leading zero", "a.01"],
    ["a negative number", "a.-1"],
    ["a number beyond 2^53", "a.zzzzzzzzzzz"],
    ["an origin without a number", "a.1.origin"],
    ["an origin of two letters", "a.1.or.1"],
    ["an origin's number 0", "a.1.origin.0"],
    ["an origin twice", "a.1.origin.1.origin.2"],
    ["a prototype's name", "a.1.__proto__.1"],
    ["too many origins", `a.1${Array.from({ length: MOST_OVERRIDES + 1 }, (_, at) => `.origin${at}.1`).join("")}`],
    ["a megabyte", `a.1${".origin.1".repeat(120_000)}`],
    ["spaces", " a.1"],
  ])("%s is refused", (_, text) => {
    expect(parseOffset(text)).toBeUndefined();
  });

  test("no text at all makes the parser throw", () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        const parsed = parseOffset(text);
        if (parsed !== undefined) expect(formatOffset(parsed)).toBe(text);
      }),
    );
  });
});
