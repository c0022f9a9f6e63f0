import { expect, test } from "@jest/globals";
import { customResourceDefinition } from "../../src/api/generated/custom-resource-definition.ts";
import type { JsonSchema } from "../../src/api/json-schema.ts";

/**
 * The minor version of Kubernetes 1.x that introduced each CEL function. An API server accepts a function in a rule
 * only from the next release on (apiserver, pkg/cel/environment/base.go). The chart supports Kubernetes 1.31, so our
 * rules may use only functions that 1.31 accepts.
 */
const functions: Readonly<Record<string, number>> = {
  has: 25,
  size: 25,
  all: 25,
  exists: 25,
  filter: 25,
  matches: 25,
  startsWith: 25,
  endsWith: 25,
  string: 25,
  quantity: 28,
  compareTo: 28,
  isGreaterThan: 28,
  isIP: 30,
  isCIDR: 30,
};

test("every rule uses only functions of the oldest supported Kubernetes", () => {
  const rules = rulesOf(customResourceDefinition.spec.versions[0].schema.openAPIV3Schema);
  expect(rules.length).toBeGreaterThan(20);
  for (const rule of rules) {
    for (const [, name = ""] of rule.replace(/'[^']*'|"[^"]*"/g, "''").matchAll(/([A-Za-z]\w*)\(/g))
      expect([rule, functions[name] ?? name]).toEqual([rule, expect.any(Number)]);
  }
  expect(Math.max(...Object.values(functions))).toBeLessThanOrEqual(30);
});

function rulesOf({ properties = {}, items, ...schema }: JsonSchema): string[] {
  const own = (schema["x-kubernetes-validations"] ?? []) as { rule: string }[];
  return [
    ...own.map(({ rule }) => rule),
    ...Object.values(properties).flatMap(rulesOf),
    ...(items === undefined ? [] : rulesOf(items)),
  ];
}
