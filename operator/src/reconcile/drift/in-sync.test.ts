import { describe, expect, test } from "@jest/globals";
import { readFileSync } from "node:fs";
import { type KubeObject, textOf } from "../../api/kube-object.ts";
import type { Manifest } from "../../manifests/shared/child.ts";
import { goldenCase } from "../../../test/manifests/golden-case.ts";
import { appliedManifests, ownedCases, ownedFile, type OwnedFields } from "../../../test/reconcile/owned-case.ts";
import { covers, inSync, manifestAnnotation } from "./in-sync.ts";

/** Children whose fieldsV1 a real API server has written. owned-fields.integration.test.ts records them. */
const children = ownedCases.flatMap((name) => {
  const owned = JSON.parse(readFileSync(ownedFile(name), "utf8")) as OwnedFields;
  const { manifests } = goldenCase(name);
  return appliedManifests(name).map((applied, index) => {
    const manifest = manifests[index] as Manifest;
    const fieldsV1 = owned[textOf(applied)] ?? {};
    return { what: `${name}: ${textOf(applied)}`, manifest, child: childOf(applied, fieldsV1), fieldsV1 };
  });
});

function childOf(applied: KubeObject, fieldsV1: Record<string, unknown>): KubeObject {
  return {
    ...applied,
    metadata: { ...applied.metadata, managedFields: [{ manager: "realtime-operator", operation: "Apply", fieldsV1 }] },
  };
}

/**
 * One set for each field of the given set: all other fields without this one, as if another manager had taken the field
 * over. "." stands for the node itself.
 */
function* withoutOne(
  fields: Record<string, unknown>,
  path = "",
): Generator<[path: string, fields: Record<string, unknown>]> {
  for (const [name, inner] of Object.entries(fields)) {
    if (name === ".") continue;
    const { [name]: _gone, ...rest } = fields;
    // When the last field of a node is taken away, the node is removed as well.
    if (Object.keys(rest).some((key) => key !== ".")) yield [`${path}/${name}`, rest];
    for (const [innerPath, innerRest] of withoutOne(inner as Record<string, unknown>, `${path}/${name}`))
      yield [innerPath, { ...fields, [name]: innerRest }];
  }
}

test.each(children)("$what is in sync when it is as applied", ({ child, manifest }) => {
  expect(inSync(child, manifest)).toBe(true);
});

test.each(children)(
  "$what is not in sync once somebody else owns any one field of it",
  ({ child, manifest, fieldsV1 }) => {
    let count = 0;
    for (const [path, rest] of withoutOne(fieldsV1)) {
      count++;
      expect([path, inSync(childOf(child, rest), manifest)]).toEqual([path, false]);
    }
    expect(count).toBeGreaterThan(5);
  },
);

test.each(children)("$what is in sync when others own further fields", ({ child, manifest }) => {
  const others = [
    {
      manager: "kubectl",
      operation: "Update" as const,
      fieldsV1: { "f:spec": { "f:replicas": {} }, "f:metadata": { "f:labels": { "f:team": {} } } },
    },
  ];
  const seen = {
    ...child,
    metadata: {
      ...child.metadata,
      labels: { ...child.metadata.labels, team: "web" },
      managedFields: [...others, ...(child.metadata.managedFields ?? [])],
    },
  };
  expect(inSync(seen, manifest)).toBe(true);
});

describe("it is not in sync", () => {
  const { child, manifest, fieldsV1 } = children[0]!;
  const entry = { manager: "realtime-operator", operation: "Apply" as const, fieldsV1 };
  const with_ = (metadata: Partial<KubeObject["metadata"]>): KubeObject => ({
    ...child,
    metadata: { ...child.metadata, ...metadata },
  });
  test.each([
    { when: "it carries no hash", child: with_({ annotations: {} }) },
    { when: "it carries the hash of another manifest", child: with_({ annotations: { [manifestAnnotation]: "0" } }) },
    { when: "it has no managedFields", child: with_({ managedFields: [] }) },
    { when: "another manager applied the same", child: with_({ managedFields: [{ ...entry, manager: "kubectl" }] }) },
    { when: "we only updated it", child: with_({ managedFields: [{ ...entry, operation: "Update" }] }) },
    { when: "we only applied its status", child: with_({ managedFields: [{ ...entry, subresource: "status" }] }) },
    {
      when: "our entry lacks its fields",
      child: with_({ managedFields: [{ ...entry, fieldsV1: { "f:metadata": {} } }] }),
    },
  ])("when $when", ({ child: seen }) => {
    expect(inSync(seen, manifest)).toBe(false);
  });
  test("when the manifest has changed", () => {
    expect(inSync(child, { ...manifest, more: 1 })).toBe(false);
  });
});

test.each([
  { when: "accepts a value below an owned leaf", owned: { "f:a": {} }, value: { a: { b: [1] } }, want: true },
  { when: "accepts a list that is owned as a whole", owned: { "f:a": {} }, value: { a: [{ x: 1 }, 2] }, want: true },
  {
    when: "needs no owner for an undefined field",
    owned: { "f:a": {} },
    value: { a: 1, b: undefined },
    want: true,
  },
  { when: "needs an owner for a null field", owned: { "f:a": {} }, value: { a: 1, b: null }, want: false },
  {
    when: "finds an item by its key",
    owned: { "f:l": { 'k:{"name":"x"}': { ".": {}, "f:name": {}, "f:v": {} } } },
    value: { l: [{ name: "x", v: 1 }] },
    want: true,
  },
  {
    when: "does not find an item with another key",
    owned: { "f:l": { 'k:{"name":"x"}': { ".": {}, "f:name": {} } } },
    value: { l: [{ name: "y" }] },
    want: false,
  },
  {
    when: "another manager owns one field of an item",
    owned: { "f:l": { 'k:{"name":"x"}': { ".": {}, "f:name": {} } } },
    value: { l: [{ name: "x", v: 1 }] },
    want: false,
  },
  {
    when: "accepts a key that the API server filled in",
    owned: { "f:l": { 'k:{"port":80,"protocol":"TCP"}': { ".": {}, "f:port": {} } } },
    value: { l: [{ port: 80 }] },
    want: true,
  },
  {
    when: "finds a set member by its value",
    owned: { "f:l": { 'v:"x"': {} } },
    value: { l: ["x"] },
    want: true,
  },
  {
    when: "does not find another value in a set",
    owned: { "f:l": { 'v:"x"': {} } },
    value: { l: ["x", "y"] },
    want: false,
  },
  {
    when: "needs no owner for the items of an empty list",
    owned: { "f:l": { 'v:"x"': {} } },
    value: { l: [] },
    want: true,
  },
])("$when", ({ owned, value, want }) => {
  expect(covers(owned, value)).toBe(want);
});
