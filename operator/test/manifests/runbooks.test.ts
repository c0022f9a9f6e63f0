import { expect, test } from "@jest/globals";
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { goldenCase } from "./golden-case.ts";

const folder = join(import.meta.dirname, "../../../docs/runbooks");

interface Rules {
  groups: { rules: { alert: string; annotations: { runbook_url: string } }[] }[];
}

test("every alert names an existing runbook, and every runbook belongs to an alert", () => {
  const rule = goldenCase("everything").manifests.find(({ kind }) => kind === "PrometheusRule");
  const alerts = (rule?.["spec"] as Rules).groups.flatMap(({ rules }) => rules);
  expect(alerts.map(({ annotations }) => annotations.runbook_url.split("/").at(-1)).sort()).toEqual(
    readdirSync(folder).sort(),
  );
  for (const { alert } of alerts)
    expect(readFileSync(join(folder, `${alert}.md`), "utf8")).toMatch(new RegExp(`^# ${alert}\n`));
});
