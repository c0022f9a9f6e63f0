import { expect, test } from "@jest/globals";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { conditionFunctions } from "../../src/reconcile/status-of.ts";
import { document, repository, rows, section } from "./documents.ts";

const folder = join(repository, "operator/src/reconcile/conditions");
const written = rows(section(document("conditions.md"), "What a good condition does not show"));

test("the table of what good conditions do not show names conditions and existing tests", () => {
  expect(written.length).toBeGreaterThan(15);
  for (const [condition = "", , , named = ""] of written) {
    expect(Object.keys(conditionFunctions)).toContain(condition.replaceAll("`", ""));
    if (named === "") continue;
    const [, file = "", title = ""] = /^`?([\w/.-]+\.test\.ts)`?(?:: (.*))?$/.exec(named) ?? [];
    expect(file === "" ? named : existsSync(join(folder, file))).toBe(true);
    expect(readFileSync(join(folder, file), "utf8")).toContain(title);
  }
});
