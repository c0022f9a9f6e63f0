import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { isNestedDeeper, MAX_DEPTH, MAX_VALUES, shapeProblem } from "./payload-bounds.ts";

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
    { name: "too many values in all its parts together", value: Array.from({ length: 200 }, () => Array<number>(200).fill(0)), want: "more than" },
    { name: "a prototype's key", value: JSON.parse('{"a":[{"__proto__":1}]}') as unknown, want: "__proto__" },
    { name: "a constructor", value: { constructor: 1 }, want: "constructor" },
  ])("must not be $name", ({ value, want }) => {
    expect(shapeProblem(value)).toContain(want);
  });
});

describe("the depth of a text, without parsing it", () => {
  test("is what parsing finds, brackets in strings and escapes included", () => {
    const depthOf = (value: unknown): number =>
      typeof value !== "object" || value === null ? 0 : 1 + Math.max(0, ...Object.values(value).map(depthOf));
    fc.assert(
      fc.property(fc.json({ maxDepth: 8 }), fc.integer({ min: 0, max: 8 }), (text, limit) => isNestedDeeper(text, limit) === depthOf(JSON.parse(text)) > limit),
      { numRuns: 2_000 },
    );
  });

  test("is not fooled by brackets and quotes in strings", () => {
    expect(isNestedDeeper(String.raw`["[[[[", "\"[[[[", "\\", "{{{"]`, 1)).toBe(false);
  });

  test("ends at the limit, however much follows", () => {
    expect(isNestedDeeper("[".repeat(1_000_000), 32)).toBe(true);
  });
});
