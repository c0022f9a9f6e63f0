import { expect, test } from "@jest/globals";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { stringify } from "yaml";
import type { Manifest } from "../../src/manifests/child.ts";
import { stableHash } from "../../src/manifests/stable-hash.ts";
import { goldenCases, goldenFolder, yamlOf } from "./golden-case.ts";

test.each(goldenCases)("$name: what is applied is what the golden file says", ({ name, shown }) => {
  expect(shown).not.toEqual([]);
  expectGolden(join(goldenFolder, name, "manifests.yaml"), yamlOf(shown));
});

/**
 * One line per case, so that a change which restarts every gateway of every user at the next upgrade of the operator is seen in
 * review as what it is.
 */
test("no pod template differs from the one that was released", () => {
  const hashes = goldenCases.map(({ name, manifests }) => [name, { gateway: templateHash(manifests, "Deployment"), redis: templateHash(manifests, "StatefulSet") }]);
  const header = "# Hash of each case's pod templates. A changed line restarts those pods in every cluster when the operator is upgraded.\n";
  expectGolden(join(goldenFolder, "pod-templates.yaml"), header + stringify(Object.fromEntries(hashes)));
});

function templateHash(manifests: readonly Manifest[], kind: string): string | undefined {
  const workload = manifests.find((manifest) => manifest.kind === kind);
  return workload && stableHash((workload["spec"] as { template: unknown }).template);
}

function expectGolden(path: string, text: string): void {
  if (process.env["UPDATE_GOLDEN"] === "1") writeFileSync(path, text);
  expect(existsSync(path) ? readFileSync(path, "utf8") : "").toBe(text);
}
