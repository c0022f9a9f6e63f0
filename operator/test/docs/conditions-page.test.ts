// Finds the reasons in the source text. If a condition function gets a new reason, this test fails until
// docs/conditions.md lists it.
import { expect, test } from "@jest/globals";
import { readFileSync, readdirSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { conditionFunctions } from "../../src/reconcile/status-of.ts";
import { problems } from "../../src/reconcile/problems.ts";
import { document, repository, rows, section } from "./documents.ts";

const page = document("conditions.md");
const statuses = { yes: "True", no: "False", unknown: "Unknown" } as const;

test.each(Object.keys(conditionFunctions))(
  "every reason of %s is on the page with its status, and no other",
  (type) => {
    const source = sourceOf(type);
    const given = [...source.matchAll(/\b(yes|no|unknown)\(\s*(?:[\w.]+ \?\? )?"([A-Z]\w*)"/g)].map(
      ([, verdict = "no", reason = ""]) => [reason, statuses[verdict as keyof typeof statuses]],
    );
    const warned = [...source.matchAll(/\breason: "([A-Z]\w*)"/g)].map(([, reason = ""]) => [reason, "True"]);
    const written = rows(section(page, type)).map(([reason = "", status = ""]) => [reason, status]);
    expect(given).not.toEqual([]);
    expect(sorted(written)).toEqual(sorted([...given, ...warned]));
  },
);

test("the page lists every problem with its condition and its meaning, and no other", () => {
  const listed = rows(section(page, "Problems")).map(([reason, condition, means]) => [reason, condition, means]);
  const known = Object.entries(problems).map(([reason, { condition, means }]) => [reason, condition, means]);
  expect(listed).toEqual(known.sort(([a = ""], [b = ""]) => (a < b ? -1 : 1)));
});

test("the page begins with every condition in the order of the status", () => {
  expect(
    rows(section(page, "Conditions"))
      .slice(0, Object.keys(conditionFunctions).length)
      .map(([type]) => type),
  ).toEqual(Object.keys(conditionFunctions));
});

test("every reason that needs an action says which", () => {
  const silent = Object.keys(conditionFunctions).flatMap((type) =>
    rows(section(page, type)).filter(([, , means = ""]) => means === ""),
  );
  expect(silent).toEqual([]);
});

/**
 * The source file of a condition. ConfigurationWarning is a folder instead; the longer warnings in it have their own
 * files.
 */
function sourceOf(type: string): string {
  const folder = join(repository, "operator/src/reconcile/conditions");
  const file = `${type.replace(/(?<!^)[A-Z]/g, "-$&").toLowerCase()}.ts`;
  return readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((name) => (type === "ConfigurationWarning" ? dirname(name) === "warnings" : basename(name) === file))
    .filter((name) => name.endsWith(".ts") && !name.endsWith(".test.ts"))
    .map((name) => readFileSync(join(folder, name), "utf8"))
    .join("\n");
}

function sorted(pairs: readonly string[][]): string[] {
  return [...new Set(pairs.map((pair) => pair.join(" ")))].sort();
}
