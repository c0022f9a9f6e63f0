import { describe, expect, test } from "@jest/globals";
import { pathsIn, type FieldSet } from "../../api/field-set.ts";
import type { KubeObject, ManagedFieldsEntry } from "../../api/kube-object.ts";
import type { Manifest } from "../../manifests/shared/child.ts";
import { adopted, foreignFields, foreignItems, ownsOtherItems } from "./foreign-fields.ts";

const manifest: Manifest = {
  apiVersion: "v1",
  kind: "Service",
  metadata: { name: "chat-server", namespace: "apps", labels: {} },
  spec: { ports: [{ name: "http", port: 80 }], selector: { a: "b" } },
};
const port = (number: number, protocol = "TCP") => `k:{"port":${number},"protocol":"${protocol}"}`;
const ports = (...items: string[]): FieldSet => ({
  "f:spec": { "f:ports": Object.fromEntries(items.map((item) => [item, { ".": {}, "f:name": {} }])) },
});
const own = (fieldsV1: FieldSet): ManagedFieldsEntry => ({
  manager: "realtime-operator",
  operation: "Apply",
  apiVersion: "v1",
  fieldsV1,
});
const theirs = (fieldsV1: FieldSet, change: Partial<ManagedFieldsEntry> = {}): ManagedFieldsEntry => ({
  manager: "kubectl-patch",
  operation: "Update",
  apiVersion: "v1",
  fieldsV1,
  ...change,
});
const childWith = (...managedFields: ManagedFieldsEntry[]): KubeObject => ({
  ...manifest,
  metadata: { ...manifest.metadata, managedFields },
});
const textsOf = (child: KubeObject, pick: typeof foreignItems) =>
  pick(child, manifest).map(({ manager, fields }) => `${manager}: ${pathsIn(fields).join(" ")}`);

describe("foreign items are", () => {
  test.each([
    { when: "none when all fields are ours", entry: theirs({}), want: [] },
    {
      when: "items that others put into our lists",
      entry: theirs(ports(port(5999))),
      want: ["kubectl-patch: spec.ports[port=5999,protocol=TCP]"],
    },
    {
      when: "items with another protocol",
      entry: theirs(ports(port(80, "UDP"))),
      want: ["kubectl-patch: spec.ports[port=80,protocol=UDP]"],
    },
    { when: "not items that others own with us", entry: theirs(ports(port(80))), want: [] },
    {
      when: "not items of lists that the manifest lacks",
      entry: theirs({ "f:spec": { "f:externalIPs": { 'v:"1.2.3.4"': {} } } }),
      want: [],
    },
    {
      when: "not items in metadata",
      entry: theirs({ "f:metadata": { "f:ownerReferences": { 'k:{"uid":"x"}': {} } } }),
      want: [],
    },
    { when: "not items in the status", entry: theirs(ports(port(5999)), { subresource: "status" }), want: [] },
    {
      when: "not items of another API version",
      entry: theirs(ports(port(5999)), { apiVersion: "v2" }),
      want: [],
    },
    {
      when: "items that were updated, not applied, in our name",
      entry: theirs(ports(port(5999)), { manager: "realtime-operator" }),
      want: ["realtime-operator: spec.ports[port=5999,protocol=TCP]"],
    },
  ])("$when", ({ entry, want }) => {
    expect(textsOf(childWith(own(ports(port(80))), entry), foreignItems)).toEqual(want);
  });
});

test("foreign fields are all fields that others own and the manifest lacks", () => {
  const child = childWith(theirs({ "f:spec": { "f:externalName": {}, "f:selector": { "f:a": {}, "f:c": {} } } }));
  expect(textsOf(child, foreignFields)).toEqual(["kubectl-patch: spec.externalName spec.selector.c"]);
});

test("detects another client's apply in our name by items that the manifest lacks", () => {
  expect([
    ownsOtherItems(childWith(own(ports(port(80)))), manifest),
    ownsOtherItems(childWith(own(ports(port(80), port(81)))), manifest),
  ]).toEqual([false, true]);
});

test("adopted fields become ours alone, and all other fields keep their owners", () => {
  const status = theirs(ports(port(5999)), { subresource: "status" });
  const child = childWith(own(ports(port(80))), theirs(ports(port(5999), port(80))), theirs(ports(port(5999))), status);
  expect(adopted(child, foreignItems(child, manifest))).toEqual([
    theirs(ports(port(80))),
    status,
    own(ports(port(80), port(5999))),
  ]);
});

test("adopted fields create our entry when there is none", () => {
  const child = childWith(theirs(ports(port(5999))));
  expect(adopted(child, foreignItems(child, manifest))).toEqual([
    { ...own(ports(port(5999))), fieldsType: "FieldsV1" },
  ]);
});
