import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "@jest/globals";
import { plainWords, wordsToReplace } from "./words.ts";

const root = join(import.meta.dirname, "..");
/** Files that the test skips: the changelog may keep its old words, and the two other files list the words. */
const exempt = new Set(["CHANGELOG.md", "tools/words.ts", "tools/words.test.ts"]);
const isGenerated = (path: string) => /(?:^|\/)(?:generated|testdata)\//.test(path);
const kinds = ["ts", "tsx", "js", "mjs", "md", "yaml", "yml", "sh", "lua", "tpl"].map((kind) => `*.${kind}`);
const tracked = execFileSync("git", ["ls-files", "-z", "--", ...kinds, "*Makefile", "*Dockerfile"], { cwd: root });
const files = [...new Set(tracked.toString().split("\0"))].filter(
  (path) => path !== "" && !exempt.has(path) && !isGenerated(path) && existsSync(join(root, path)),
);

test("no text uses a word that is out", () => {
  const found = files.flatMap((file) =>
    wordsToReplace(readFileSync(join(root, file), "utf8")).map(
      ({ line, word, instead }) => `${file}:${line}: "${word}": write ${instead}`,
    ),
  );
  expect(found).toEqual([]);
});

test("reads every kind of text", () => {
  for (const file of ["README.md", "Makefile", "docs/tokens.md", "crds/realtimeclusters.yaml", "server/src/main.ts"])
    expect(files).toContain(file);
});

describe("finds a word in ", () => {
  test.each([
    { text: "It is read anew.", want: ["1 anew"] },
    { text: "// Whoever comes,\n// meanwhile", want: ["1 Whoever", "2 meanwhile"] },
    { text: "gone for\n * good", want: ["1 for * good"] },
    { text: "gone for\ngood", want: ["1 for good"] },
    { text: "for a while so long", want: ["1 so long"] },
  ])("$text", ({ text, want }) => {
    expect(wordsToReplace(text).map(({ line, word }) => `${line} ${word}`)).toEqual(want);
  });
});

test("ignores parts of longer words, names and other meanings", () => {
  const text =
    "besides recommend notebooks mender believable so long as riderless for-good goods for goodness walkerName";
  expect(wordsToReplace(text)).toEqual([]);
});

test("replaces no word by another of the list", () => {
  expect(Object.values(plainWords).flatMap((instead) => wordsToReplace(instead))).toEqual([]);
});
