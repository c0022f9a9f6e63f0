import { expect, it } from "@jest/globals";
import stripTypes from "./strip-types.js";

it("replaces types by spaces and keeps every line where it was", () => {
  const { code } = stripTypes.process("const a: number = 1;\ninterface B {}\nexport { a };\n");
  expect(code.split("\n")).toHaveLength(4);
  expect(code).not.toContain("number");
});
