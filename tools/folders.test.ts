import { expect, test } from "@jest/globals";
import { execFileSync } from "node:child_process";
import { dirname, join } from "node:path";

const root = join(import.meta.dirname, "..");
const MAX_FILES = 15;

test("no folder has more than 15 source files", () => {
  const files = execFileSync("git", ["ls-files", "*.ts", "*.tsx"], { cwd: root, encoding: "utf8" }).trim().split("\n");
  const sources = files.filter((file) => !/\.test\.ts$|testdata\/|generated\//.test(file));
  const folders = Map.groupBy(sources, dirname);
  const crowded = [...folders].filter(([, names]) => names.length > MAX_FILES);
  expect(crowded.map(([folder, names]) => `${folder}: ${names.length} files`)).toEqual([]);
});
