import { expect, test } from "@jest/globals";
import { program } from "../../src/cli/program.ts";
import type { CommandDeps } from "../../src/cli/command-deps.ts";
import { document, rows } from "./documents.ts";

const page = document("cli.md");
const commands = program({ write: () => undefined } as unknown as CommandDeps).commands;

test("the page lists the exit codes of exactly the existing commands", () => {
  const written = rows(page).flatMap(([names = ""]) => names.split(", "));
  expect(written.sort()).toEqual(commands.map((command) => command.name()).sort());
});

test("every option on the page exists, and every command has a heading", () => {
  const known = new Set(commands.flatMap(({ options }) => options.map(({ long }) => long)));
  const named = [...page.matchAll(/`(?:-\w, )?(--[a-z-]+)[ `]/g)].map(([, option]) => option);
  expect(named.length).toBeGreaterThan(10);
  expect(named.filter((option) => !known.has(option))).toEqual([]);
  const headings = [...page.matchAll(/^## realtime (.*)$/gm)].flatMap(([, title = ""]) => title.match(/[a-z]+/g) ?? []);
  expect(commands.map((command) => command.name()).filter((name) => !headings.includes(name))).toEqual([]);
});
