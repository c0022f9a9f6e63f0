import { expect, test } from "@jest/globals";
import { clusterWith } from "../../../test/reconcile/build.ts";
import { specEditOf } from "./spec-edit.ts";

const before = clusterWith({ limits: { maxConnections: 5 } });
const seen = { generation: 1, spec: before.spec };

test.each([
  {
    when: "limits and the image change",
    spec: { limits: { maxConnections: 6 }, image: "gateway:2" },
    want: ["[rolling] spec.image", "[live] spec.limits.maxConnections"],
  },
  {
    when: "a block is added",
    spec: { limits: { maxConnections: 5 }, autoscaling: { type: "HPA", minReplicas: 2, maxReplicas: 4 } },
    want: ["[cluster] spec.autoscaling"],
  },
  {
    when: "a free-form patch changes",
    spec: { limits: { maxConnections: 5 }, podPatch: { spec: { nodeName: "secret-value" } } },
    want: ["[rolling] spec.podPatch"],
  },
])("names the changed fields with their classes, and no values, when $when", ({ spec, want }) => {
  const cluster = clusterWith(spec, { generation: 2, managedFields: [{ manager: "kubectl-edit" }] });
  const edit = specEditOf(cluster, seen);
  expect(edit).toMatchObject({ generation: 2, by: "kubectl-edit" });
  expect([...(edit?.fields ?? [])].sort()).toEqual([...want].sort());
});

test("finds no edit when the generation was seen, or is the one of the status", () => {
  expect(specEditOf(before, seen)).toBeUndefined();
  expect(specEditOf(clusterWith({}, {}, { observedGeneration: 1 }), undefined)).toBeUndefined();
});

test("names no fields when the earlier spec is not known", () => {
  expect(specEditOf(clusterWith({}, { generation: 3 }, { observedGeneration: 2 }), undefined)).toEqual({
    generation: 3,
  });
});
