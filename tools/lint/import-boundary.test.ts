import { expect, test } from "@jest/globals";
import { Linter } from "eslint";
import tseslint from "typescript-eslint";
import { importBoundary } from "./import-boundary.js";

const root = "/repository";
const errorsOf = (code: string, ...boundaries: object[]) => {
  const parser = { files: ["**/*.ts"], languageOptions: { parser: tseslint.parser } } as Linter.Config;
  const linter = new Linter({ cwd: root });
  return linter.verify(code, [parser, ...boundaries], `${root}/a/src/x.ts`).map(({ message }) => message);
};
const fromAToB = (options = {}) => importBoundary(["a/**"], ["b/**"], "a is below b", options);

test.each([
  { title: "reports an import of a banned file", code: 'import { b } from "../../b/b.ts"; b;' },
  { title: "reports a type of a banned file", code: 'import type { B } from "../../b/b.ts"; let b: B; b;' },
  { title: "reports an export of a banned file", code: 'export * from "../../b/b.ts";' },
  { title: "reports a dynamic import of a banned file", code: 'await import("../../b/b.ts");' },
])("$title", ({ code }) => {
  expect(errorsOf(code, fromAToB())).toEqual(["b/b.ts: a is below b"]);
});

test("accepts other files", () => {
  expect(errorsOf('import "../../c/b/b.ts"; import "./y.ts";', fromAToB())).toEqual([]);
});

test("accepts types when they are allowed, and reports values", () => {
  const boundary = fromAToB({ types: "allowed" });
  expect(errorsOf('import { type B } from "../../b/b.ts"; let b: B; b;', boundary)).toEqual([]);
  expect(errorsOf('import { b, type B } from "../../b/b.ts"; let c: B = b; c;', boundary)).toHaveLength(1);
});

test("reports a banned package by its name", () => {
  const boundary = importBoundary(["a/**"], ["socket.io"], "no sockets here");
  expect(errorsOf('import "socket.io";', boundary)).toEqual(["socket.io: no sockets here"]);
});

test("applies every boundary of a file", () => {
  const second = importBoundary(["**/*.ts"], ["c/**"], "c is private");
  expect(errorsOf('import "../../b/b.ts"; import "../../c/c.ts";', fromAToB(), second)).toHaveLength(2);
});
