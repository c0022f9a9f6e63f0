import { expect, test } from "@jest/globals";
import { Interner } from "./interner.ts";

test("returns one object for equal values and different objects for different ones", () => {
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

test("shares the equal parts of two maps", () => {
  const interner = new Interner();
  const one = interner.partsOf({ shared: { "f:replicas": {} }, own: { 'k:{"uid":"1"}': {} } });
  const other = interner.partsOf({ shared: { "f:replicas": {} }, own: { 'k:{"uid":"2"}': {} } });
  expect(other.shared).toBe(one.shared);
  expect(other.own).toEqual({ 'k:{"uid":"2"}': {} });
});

test("clears the table after many different values, and returned values stay valid", () => {
  const interner = new Interner();
  const held = Array.from({ length: 10_000 }, (_, index) => interner.one({ name: `value number ${index}` }));
  expect(held[9_999]).toEqual({ name: "value number 9999" });
  expect(held[0]).toEqual({ name: "value number 0" });
});
