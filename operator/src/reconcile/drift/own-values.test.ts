import { describe, expect, test } from "@jest/globals";
import { Interner } from "../../watches/interner.ts";
import { trimmedChild } from "../../watches/trimmed-child.ts";
import { areOwnValuesChanged, knownValuesAfter } from "./own-values.ts";

const fieldsV1 = {
  "f:metadata": { "f:labels": { "f:a": {} } },
  "f:spec": {
    "f:selector": {},
    "f:ports": { 'k:{"port":80,"protocol":"TCP"}': { ".": {}, "f:port": {}, "f:targetPort": {} } },
  },
};

function service(change: object = {}, more: object = {}, labels: object = {}) {
  const ports = [{ port: 80, protocol: "TCP", targetPort: "http", ...change }];
  return {
    apiVersion: "v1",
    kind: "Service",
    metadata: {
      name: "chat",
      uid: "u",
      labels: { a: "b", ...labels },
      managedFields: [{ manager: "realtime-operator", operation: "Apply" as const, fieldsV1 }],
    },
    spec: { selector: { app: "chat" }, ports, ...more },
  };
}
const seen = (object: ReturnType<typeof service>) => trimmedChild(object, new Interner());

describe("a child whose values the operator has written", () => {
  const known = knownValuesAfter(new Map(), [], [service()]);
  test.each([
    { when: "nothing has changed", object: service(), want: false },
    {
      when: "somebody has set a field that is not ours",
      object: service({ nodePort: 30000 }, { type: "X" }),
      want: false,
    },
    { when: "somebody has set a label that is not ours", object: service({}, {}, { team: "web" }), want: false },
    { when: "a field of an item has another value", object: service({ targetPort: 1 }), want: true },
    { when: "a map of ours has another value", object: service({}, { selector: { app: "x" } }), want: true },
    { when: "a label of ours has another value", object: service({}, {}, { a: "c" }), want: true },
  ])("$when: changed is $want", ({ object, want }) => {
    expect(areOwnValuesChanged(seen(object), known)).toBe(want);
  });

  test("keeps the written values as known while others change them, until the next write", () => {
    const changed = service({ targetPort: 1 });
    const later = knownValuesAfter(known, [seen(changed)], []);
    expect(areOwnValuesChanged(seen(changed), later)).toBe(true);
    expect(areOwnValuesChanged(seen(changed), knownValuesAfter(later, [seen(changed)], [changed]))).toBe(false);
  });
});

test("takes the values of a child that it has not written yet as its own", () => {
  const found = knownValuesAfter(new Map(), [seen(service({ targetPort: 1 }))], []);
  expect(areOwnValuesChanged(seen(service({ targetPort: 1 })), found)).toBe(false);
  expect(areOwnValuesChanged(seen(service()), found)).toBe(true);
});

test("forgets a child that does not exist any more", () => {
  expect([...knownValuesAfter(new Map([["gone", "hash"]]), [], [])]).toEqual([]);
});
