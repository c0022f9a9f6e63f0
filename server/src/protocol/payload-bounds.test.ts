import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { boundExceeded, MAX_DEPTH, MAX_VALUES, shapeProblem } from "./payload-bounds.ts";

const nested = (depth: number): unknown => JSON.parse("[".repeat(depth) + "]".repeat(depth)) as unknown;

describe("a payload's shape", () => {
  test.each<{ name: string; value: unknown }>([
    { name: "text", value: "hello" },
    { name: "nothing", value: undefined },
    { name: "null", value: null },
    { name: "as deep as allowed", value: nested(MAX_DEPTH) },
    { name: "as many values as allowed", value: Array(MAX_VALUES).fill(0) },
    { name: "bytes, which are one value", value: Buffer.alloc(1_000_000) },
  ])("may be $name", ({ value }) => {
    expect(shapeProblem(value)).toBeUndefined();
  });

  test.each<{ name: string; value: unknown; want: string }>([
    { name: "too deep", value: nested(MAX_DEPTH + 1), want: "nested deeper" },
    { name: "too many values", value: Array(MAX_VALUES + 1).fill(0), want: "more than" },
    {
      name: "too many values in all its parts together",
      value: Array.from({ length: 200 }, () => Array<number>(200).fill(0)),
      want: "more than",
    },
    { name: "a prototype's key", value: JSON.parse('{"a":[{"__proto__":1}]}') as unknown, want: "__proto__" },
    { name: "a constructor", value: { constructor: 1 }, want: "constructor" },
  ])("must not be $name", ({ value, want }) => {
    expect(shapeProblem(value)).toContain(want);
  });
});

describe("the bounds of a text, without parsing it", () => {
  const depthOf = (value: unknown): number =>
    typeof value !== "object" || value === null ? 0 : 1 + Math.max(0, ...Object.values(value).map(depthOf));
  const valuesOf = (value: unknown): number =>
    typeof value !== "object" || value === null
      ? 0
      : Object.values(value).reduce((sum: number, part) => sum + 1 + valuesOf(part), 0);
  // A repeated key is two values in the text, but one field after parsing.
  const spaced = (text: string) => text.replaceAll(/([[{,])/g, "$1 ");

  test("are what parsing finds, brackets in strings, escapes, spaces and empty containers included", () => {
    const bound = fc.integer({ min: 0, max: 12 });
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 8 }), bound, bound, fc.boolean(), (value, depth, values, isSpaced) => {
        const plain = JSON.stringify(value);
        const text = isSpaced && !/"[^"]*[[{,]/.test(plain) ? spaced(plain) : plain;
        const exceeded = boundExceeded(text, { depth, values });
        return (exceeded !== undefined) === (depthOf(JSON.parse(text)) > depth || valuesOf(JSON.parse(text)) > values);
      }),
      { numRuns: 3_000 },
    );
  });

  test("are not fooled by brackets, commas and quotes in strings", () => {
    expect(boundExceeded(String.raw`["[[[[,,,", "\"[[[[", "\\", "{{{"]`, { depth: 1, values: 4 })).toBeUndefined();
  });

  test.each<{ name: string; text: string; want: string }>([
    { name: "depth", text: "[".repeat(1_000_000), want: "depth" },
    { name: "number of values", text: `[${"1,".repeat(1_000_000)}`, want: "values" },
    { name: "number of fields", text: `{${'"a":1,'.repeat(1_000_000)}`, want: "values" },
  ])("end at the $name, however much follows", ({ text, want }) => {
    expect(boundExceeded(text, { depth: 32, values: 1_000 })).toBe(want);
  });
});
