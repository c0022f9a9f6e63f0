import { expect, test } from "@jest/globals";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { customResourceDefinition } from "../../src/api/generated/custom-resource-definition.ts";

const root = join(import.meta.dirname, "../../..");

test("the CRD copies of the chart and the operator equal crds/", () => {
  const source = readFileSync(join(root, "crds/realtimeclusters.yaml"), "utf8");
  expect(readFileSync(join(root, "charts/realtime-operator/files/crd.yaml"), "utf8")).toBe(source);
  expect(customResourceDefinition).toEqual(parse(source));
});
