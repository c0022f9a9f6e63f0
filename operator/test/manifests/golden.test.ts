import { expect, test } from "@jest/globals";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { stringify } from "yaml";
import { templateVersions, type Workload } from "../../src/manifests/shared/pod-release.ts";
import { stableHash } from "../../src/manifests/shared/stable-hash.ts";
import { desired } from "../../src/reconcile/desired.ts";
import { goldenCases, goldenFolder, yamlOf, type GoldenCase } from "./golden-case.ts";

test.each(goldenCases)("$name: the applied objects equal the golden file", ({ name, shown }) => {
  expect(shown).not.toEqual([]);
  expectGolden(join(goldenFolder, name, "manifests.yaml"), yamlOf(shown));
});

/**
 * The golden file has one line for each case. A changed line means that the change would restart the pods of such a
 * cluster when the operator is upgraded. So a reviewer sees it.
 */
test("every supported version of a pod template equals the released one", () => {
  const header =
    "# Hash of each case's pod templates, by version. A changed line restarts those pods in every cluster when the operator is upgraded:\n# a change is a new version (operator/src/manifests/shared/pod-release.ts), and the lines of the old ones stay.\n";
  expectGolden(
    join(goldenFolder, "pod-templates.yaml"),
    header + stringify({ gateway: hashesOf("gateway", "Deployment"), redis: hashesOf("redis", "StatefulSet") }),
  );
});

/** Returns hashes by template version and by case name. */
function hashesOf(workload: Workload, kind: string): Record<string, Record<string, string>> {
  const { oldest, newest } = templateVersions[workload];
  const versions = Array.from({ length: newest - oldest + 1 }, (_, index) => oldest + index);
  return Object.fromEntries(
    versions.map((template) => [
      `template ${template}`,
      Object.fromEntries(goldenCases.flatMap((one) => templateHash(one, workload, template, kind))),
    ]),
  );
}

function templateHash(
  { name, cluster, inputs }: GoldenCase,
  workload: Workload,
  template: number,
  kind: string,
): [string, string][] {
  const releases = { ...inputs.releases, [workload]: { ...inputs.releases[workload], template } };
  const found = desired(cluster, { ...inputs, releases }).find((manifest) => manifest.kind === kind);
  return found === undefined ? [] : [[name, stableHash((found["spec"] as { template: unknown }).template)]];
}

function expectGolden(path: string, text: string): void {
  if (process.env["UPDATE_GOLDEN"] === "1") writeFileSync(path, text);
  expect(existsSync(path) ? readFileSync(path, "utf8") : "").toBe(text);
}
