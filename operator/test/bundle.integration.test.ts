import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { SourceMap, type SourceMapPayload, type SourceMapping } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { bundle } from "../build.ts";

const folder = mkdtempSync(join(tmpdir(), "realtime-bundle-"));
let program: string[];
let map: SourceMap;
beforeAll(async () => {
  await bundle(folder);
  const [file = ""] = readdirSync(folder).filter((name) => /^main-\w+\.mjs$/.test(name));
  program = readFileSync(join(folder, file), "utf8").split("\n");
  map = new SourceMap(JSON.parse(readFileSync(join(folder, `${file}.map`), "utf8")) as SourceMapPayload);
}, 60_000);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/**
 * The source file and the line (counted from 0) that the source map gives for a place in the bundle. The place is the
 * first line that contains this text.
 */
function originOf(text: string): { file: string; line: number } | undefined {
  const line = program.findIndex((candidate) => candidate.includes(text));
  if (line === -1) throw new Error(`the bundle does not hold ${text}`);
  const { originalSource, originalLine } = map.findEntry(
    line,
    program[line]?.indexOf(text) ?? 0,
  ) as Partial<SourceMapping>;
  return originalSource === undefined || originalLine === undefined
    ? undefined
    : { file: originalSource, line: originalLine };
}

test("maps the program's code to our source files and lines", () => {
  const text = '"started leading"';
  const { file = "", line = 0 } = originOf(text) ?? {};
  const source = readFileSync(join(import.meta.dirname, "../src/operator.ts"), "utf8").split("\n");
  expect(file).toMatch(/src\/operator\.ts$/);
  expect(source[line]).toContain(text);
});

test("prints stack traces with source lines without a flag of node", () => {
  // Prints the stack to stderr when the program writes to stdout. The stack must contain main.ts, because main.ts makes
  // this call.
  writeFileSync(
    join(folder, "look.mjs"),
    "const { write } = process.stdout; process.stdout.write = function (...args) { process.stderr.write(new Error().stack); return write.apply(this, args); };",
  );
  const { stderr } = spawnSync(
    process.execPath,
    ["--import", join(folder, "look.mjs"), join(folder, "main.mjs"), "--version"],
    { encoding: "utf8" },
  );
  expect(stderr).toMatch(/src\/main\.ts:\d+/);
});

test("names the Node it needs when it is started by an older one", () => {
  const versions = { ...process.versions, node: "20.20.2" };
  writeFileSync(
    join(folder, "older.mjs"),
    `Object.defineProperty(process, "versions", { value: ${JSON.stringify(versions)} });`,
  );
  const { stderr, status } = spawnSync(
    process.execPath,
    ["--import", join(folder, "older.mjs"), join(folder, "main.mjs"), "--version"],
    { encoding: "utf8" },
  );
  expect({ stderr, status }).toEqual({
    stderr: "realtime needs Node 24, and this is Node 20.20.2: run it by node_modules/.bin/node after npm ci\n",
    status: 2,
  });
});

// Node decodes the whole source map at the first stack trace, and keeps it in memory. With the lines of packages it
// would need 41 MiB more, and the operator's limit is 256 MiB.
test("the map has no lines of packages", () => {
  expect(originOf('this.long.startsWith("--no-")')).toBeUndefined();
});
