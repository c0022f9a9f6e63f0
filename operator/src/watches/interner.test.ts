import { expect, test } from "@jest/globals";
import { Interner } from "./interner.ts";

test("equal values are one object afterwards, and different ones stay apart", () => {
  const interner = new Interner();
  const [one, same, other] = [
    { "f:labels": { "f:a": {} } },
    { "f:labels": { "f:a": {} } },
    { "f:labels": { "f:b": {} } },
  ];
  expect(interner.one(same)).toBe(interner.one(one));
  expect(interner.one(other)).not.toBe(interner.one(one));
  expect(interner.one(other)).toEqual({ "f:labels": { "f:b": {} } });
});

test("the parts of two maps are shared where they are equal", () => {
  const interner = new Interner();
  const one = interner.partsOf({ shared: { "f:replicas": {} }, own: { 'k:{"uid":"1"}': {} } });
  const other = interner.partsOf({ shared: { "f:replicas": {} }, own: { 'k:{"uid":"2"}': {} } });
  expect(other.shared).toBe(one.shared);
  expect(other.own).toEqual({ 'k:{"uid":"2"}': {} });
});

test("a flood of different values is forgotten, and none of them is lost to who holds it", () => {
  const interner = new Interner();
  const held = Array.from({ length: 10_000 }, (_, index) => interner.one({ name: `value number ${index}` }));
  expect(held[9_999]).toEqual({ name: "value number 9999" });
  expect(held[0]).toEqual({ name: "value number 0" });
});
