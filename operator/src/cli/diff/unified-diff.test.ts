import { expect, test } from "@jest/globals";
import fc from "fast-check";
import { unifiedDiff } from "./unified-diff.ts";

test("equal texts have no difference", () => {
  expect(unifiedDiff("a", "x\n", "x\n")).toBe("");
});

test("shows a change with three lines of context, as diff -u does", () => {
  const before = "1\n2\n3\n4\n5\n6\n7\n8\n9\n";
  expect(unifiedDiff("f", before, before.replace("5\n", "five\n"))).toBe(
    "--- f\n+++ f\n@@ -2,7 +2,7 @@\n 2\n 3\n 4\n-5\n+five\n 6\n 7\n 8\n",
  );
});

test("puts distant changes into separate hunks", () => {
  const before = Array.from({ length: 20 }, (_, index) => `${index}\n`).join("");
  const after = before.replace("1\n", "one\n").replace("18\n", "eighteen\n");
  expect(unifiedDiff("f", before, after).match(/^@@ .* @@$/gm)).toEqual(["@@ -1,5 +1,5 @@", "@@ -16,5 +16,5 @@"]);
});

test("compares a new or removed text with /dev/null", () => {
  expect(unifiedDiff("f", "", "a\nb\n")).toBe("--- /dev/null\n+++ f\n@@ -0,0 +1,2 @@\n+a\n+b\n");
  expect(unifiedDiff("f", "a\n", "")).toBe("--- f\n+++ /dev/null\n@@ -1 +0,0 @@\n-a\n");
});

test("gives the other text when applied to the first, and is as short as possible", () => {
  const texts = fc
    .array(fc.constantFrom("a", "b", "c", "d"), { maxLength: 12 })
    .map((lines) => lines.map((line) => `${line}\n`).join(""));
  fc.assert(
    fc.property(texts, texts, (before, after) => {
      const body = unifiedDiff("f", before, after).split("\n").slice(2, -1);
      expect(patched(before, body)).toBe(after);
      const changed = body.filter((line) => /^[-+]/.test(line)).length;
      expect(changed).toBe(
        linesIn(before) +
          linesIn(after) -
          2 * longestCommon(before.split("\n").slice(0, -1), after.split("\n").slice(0, -1)),
      );
    }),
  );
});

/**
 * Applies a diff strictly, as patch(1) without fuzz. Every kept and every removed line must be at the position that the
 * hunk names.
 */
function patched(before: string, body: readonly string[]): string {
  const old = before.split("\n").slice(0, -1);
  const result: string[] = [];
  let at = 0;
  for (const line of body) {
    const hunk = /^@@ -(\d+)(?:,(\d+))? /.exec(line);
    if (hunk !== null) {
      const start = hunk[2] === "0" ? Number(hunk[1]) : Number(hunk[1]) - 1;
      result.push(...old.slice(at, start));
      at = start;
    } else if (line.startsWith("+")) result.push(line.slice(1));
    else {
      expect(old[at]).toBe(line.slice(1));
      if (line.startsWith(" ")) result.push(line.slice(1));
      at += 1;
    }
  }
  return [...result, ...old.slice(at)].map((line) => `${line}\n`).join("");
}

function linesIn(text: string): number {
  return text.split("\n").length - 1;
}

function longestCommon([one, ...rest]: readonly string[], other: readonly string[]): number {
  if (one === undefined || other.length === 0) return 0;
  const index = other.indexOf(one);
  return Math.max(longestCommon(rest, other), index === -1 ? 0 : 1 + longestCommon(rest, other.slice(index + 1)));
}
