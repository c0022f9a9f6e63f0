import { expect, test } from "@jest/globals";
import { program } from "../../src/cli/program.ts";
import type { CommandDeps } from "../../src/cli/command-deps.ts";
import { document, rows } from "./documents.ts";

const page = document("cli.md");
const commands = program({ write: () => undefined } as unknown as CommandDeps).commands;

test("every command has its exit codes on the page, and no other is there", () => {
  const written = rows(page).flatMap(([names = ""]) => names.split(", "));
  expect(written.sort()).toEqual(commands.map((command) => command.name()).sort());
});

test("every option the page names exists, and every command is described under a heading", () => {
  const known = new Set(commands.flatMap(({ options }) => options.map(({ long }) => long)));
  const named = [...page.matchAll(/`(?:-\w, )?(--[a-z-]+)[ `]/g)].map(([, option]) => option);
  expect(named.length).toBeGreaterThan(10);
  expect(named.filter((option) => !known.has(option))).toEqual([]);
  const headings = [...page.matchAll(/^## realtime (.*)$/gm)].flatMap(([, title = ""]) => title.match(/[a-z]+/g) ?? []);
  expect(commands.map((command) => command.name()).filter((name) => !headings.includes(name))).toEqual([]);
});
