import { expect, test } from "@jest/globals";
import { Linter } from "eslint";
import { functionLength } from "./function-length.js";

const errorsOf = (code: string) => {
  const plugins = { local: { rules: { "function-length": functionLength } } };
  const config: Linter.Config = { plugins, rules: { "local/function-length": ["error", 4] } };
  return new Linter().verify(code, [config]).map(({ line, message }) => `${line}: ${message}`);
};

test("reports a function with too many lines", () => {
  expect(errorsOf("function f() {\n  a();\n  b();\n  c();\n}")).toEqual([
    "1: The function has 5 lines, 4 are allowed.",
  ]);
});

test("counts neither blank lines nor comments", () => {
  expect(errorsOf("function f() {\n\n  // why\n  a();\n  /* long\n  comment */\n  b();\n}")).toEqual([]);
});

test("does not count lines inside literals", () => {
  expect(errorsOf("const f = () => ({\n  a: [\n    1,\n    2,\n  ],\n  b: `\n\n  `,\n});")).toEqual([]);
});

test("counts a method of a literal by itself", () => {
  const method = "  run() {\n    a();\n    b();\n    c();\n  },";
  expect(errorsOf(`const f = () => ({\n${method}\n});`)).toEqual(["2: The function has 5 lines, 4 are allowed."]);
});

test("does not limit a function that defines tests", () => {
  expect(errorsOf('describe("x", () => {\n  test("a", a);\n  test("b", b);\n  test("c", c);\n});')).toEqual([]);
});
