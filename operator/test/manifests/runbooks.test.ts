import { expect, test } from "@jest/globals";
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { parseAllDocuments } from "yaml";
import { goldenCase } from "./golden-case.ts";

const golden = join(import.meta.dirname, "../../testdata/chart");
const folder = join(import.meta.dirname, "../../../docs/runbooks");

interface Rules {
  groups: { rules: { alert: string; annotations: { runbook_url: string } }[] }[];
}

/** The alerts about the operator, from the chart with all its values. */
function ofChart(): Rules {
  const rendered = parseAllDocuments(readFileSync(join(golden, "everything/rendered.yaml"), "utf8"));
  const objects = rendered.map((one) => one.toJS() as { kind: string; spec: Rules });
  return objects.find(({ kind }) => kind === "PrometheusRule")!.spec;
}

test("every alert names an existing runbook, and every runbook belongs to an alert", () => {
  const rule = goldenCase("everything").manifests.find(({ kind }) => kind === "PrometheusRule");
  const alerts = [rule?.["spec"] as Rules, ofChart()].flatMap(({ groups }) => groups.flatMap(({ rules }) => rules));
  expect(alerts.map(({ annotations }) => annotations.runbook_url.split("/").at(-1)).sort()).toEqual(
    readdirSync(folder).sort(),
  );
  for (const { alert } of alerts)
    expect(readFileSync(join(folder, `${alert}.md`), "utf8")).toMatch(new RegExp(`^# ${alert}\n`));
});
