import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "@jest/globals";
import { contract } from "../../src/contract.ts";
import { serverEvents } from "../../src/protocol/server-events.ts";
import { refusals } from "../../src/protocol/refusals.ts";
import { docTables, envExample } from "./doc-tables.ts";

const root = join(import.meta.dirname, "../../..");
const read = (path: string): string => readFileSync(join(root, path), "utf8");
const tables = docTables();

/** Replaces the table that follows each marker comment. A table ends at the first line that does not belong to it. */
async function withTables(text: string): Promise<string> {
  let result = text;
  for (const [name, render] of Object.entries(tables)) {
    const marker = `<!-- table: ${name} -->\n`;
    if (!text.includes(marker)) continue;
    const rendered = await render();
    result = result.replace(new RegExp(`${marker}\n?(?:\\|.*\n)*\n?`), () => `${marker}\n${rendered}\n\n`);
  }
  return result;
}

describe("make golden rewrites these", () => {
  test.each(["docs/protocol.md", "docs/server.md"])("the tables of %s match the code", async (path) => {
    const wanted = await withTables(read(path));
    if (process.env["UPDATE_GOLDEN"] === "1") writeFileSync(join(root, path), wanted);
    expect(read(path)).toBe(wanted);
  });

  test(".env.example matches the table of variables", () => {
    if (process.env["UPDATE_GOLDEN"] === "1") writeFileSync(join(root, "server/.env.example"), envExample());
    expect(read("server/.env.example")).toBe(envExample());
  });
});

test("every table has its place in the documentation", () => {
  const documents = read("docs/protocol.md") + read("docs/server.md");
  for (const name of Object.keys(tables)) expect(documents).toContain(`<!-- table: ${name} -->`);
});

test("every event the gateway sends is in docs/protocol.md, and no other", () => {
  const section = read("docs/protocol.md").split("## From gateway to client")[1]!.split("\n## ")[0]!;
  expect([...section.matchAll(/^\| `([^`]+)`/gm)].map(([, event]) => event)).toEqual(Object.keys(serverEvents));
});

test("every path of the private port is in docs/server.md, and no other", () => {
  const section = read("docs/server.md").split("## Private API")[1]!.split("\n## ")[0]!;
  const named = [...section.matchAll(/`(?:GET|PUT|POST) (\/[^`]+)`/g)].map(([, path]) => path!);
  expect([...new Set(named)].sort()).toEqual(Object.values(contract.paths).sort());
});

test("the drawing of the admission names refusals that exist, and all that a handshake can meet", () => {
  const drawing = read("docs/protocol.md").split("## Admission")[1]!.split("\n## ")[0]!;
  const named = new Set(drawing.match(/\b[A-Z]+(?:_[A-Z]+)+\b|\bFORBIDDEN\b|\bUNAUTHENTICATED\b|\bDRAINING\b/g));
  expect([...named].filter((code) => !Object.hasOwn(refusals, code))).toEqual([]);
  expect(Object.keys(refusals).filter((code) => !named.has(code))).toEqual(["INTERNAL"]);
});
