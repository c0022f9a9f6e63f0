import { expect, test } from "@jest/globals";
import { interned, internedParts } from "./interned.ts";

test("equal values are one object afterwards, and different ones stay apart", () => {
  const [one, same, other] = [{ "f:labels": { "f:a": {} } }, { "f:labels": { "f:a": {} } }, { "f:labels": { "f:b": {} } }];
  expect(interned(same)).toBe(interned(one));
  expect(interned(other)).not.toBe(interned(one));
  expect(interned(other)).toEqual({ "f:labels": { "f:b": {} } });
});

test("the parts of two maps are shared where they are equal", () => {
  const one = internedParts({ shared: { "f:replicas": {} }, own: { 'k:{"uid":"1"}': {} } });
  const other = internedParts({ shared: { "f:replicas": {} }, own: { 'k:{"uid":"2"}': {} } });
  expect(other.shared).toBe(one.shared);
  expect(other.own).toEqual({ 'k:{"uid":"2"}': {} });
});

test("a flood of different values is forgotten, and none of them is lost to who holds it", () => {
  const held = Array.from({ length: 10_000 }, (_, index) => interned({ name: `value number ${index}` }));
  expect(held[9_999]).toEqual({ name: "value number 9999" });
  expect(held[0]).toEqual({ name: "value number 0" });
});
