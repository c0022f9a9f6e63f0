import { expect, test } from "@jest/globals";
import { makeLogger } from "./logger.ts";

test.each([
  { format: "numbers", want: 30 },
  { format: "words", want: "info" },
] as const)("names levels as $format when LOG_FORMAT says so", ({ format, want }) => {
  const lines: string[] = [];
  const destination = { write: (line: string) => void lines.push(line) };
  makeLogger("info", "operator-1", format, destination).info({}, "operator starts");
  expect(JSON.parse(lines[0] ?? "{}")).toMatchObject({ level: want, operator: "operator-1" });
});
