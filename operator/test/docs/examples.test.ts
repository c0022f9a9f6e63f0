import { expect, test } from "@jest/globals";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";

const folder = join(import.meta.dirname, "../../../examples");
const examples = readdirSync(folder).map((name) => ({ name }));

/** Fields whose value is the name or address of something outside the file. */
const outside =
  /(^|\.)((secret|urlSecret|service|imagePullSecrets|parentRefs)\.name|parentRefs\.namespace|secretName|className|storageClassName|priorityClassName|host|issuer|prometheusAddress|release|cert-manager\.io\/cluster-issuer)$/;
/** Fields that need another program, and the words for it. */
const programs: Readonly<Record<string, string>> = {
  "autoscaling.type=KEDA": "KEDA",
  "autoscaling.type=HPA": "custom-metrics API",
  "monitoring.serviceMonitor.enabled=true": "prometheus-operator",
};

/** All that a cluster needs to become ready and to be reached. Items of lists have the path of their list. */
function needsOf(value: unknown, path = ""): string[] {
  if (Array.isArray(value)) return value.flatMap((item) => needsOf(item, path));
  if (typeof value === "object" && value !== null)
    return Object.entries(value).flatMap(([name, part]) => needsOf(part, path === "" ? name : `${path}.${name}`));
  const program = programs[`${path}=${String(value)}`];
  return [...(outside.test(path) ? [String(value)] : []), ...(program === undefined ? [] : [program])];
}

test.each(examples)("the first lines of examples/$name name all that it needs", ({ name }) => {
  const text = readFileSync(join(folder, name, "cluster.yaml"), "utf8");
  const [cluster] = text.split("\n---\n");
  const comment = text.slice(0, text.indexOf("apiVersion:"));
  expect(comment).toContain("# It needs:\n");
  const needs = needsOf((parse(cluster ?? "") as { spec: object }).spec);
  const missing = needs.filter((need) => !comment.includes(need));
  expect(needs.length).toBeGreaterThan(1);
  expect(missing).toEqual([]);
});
