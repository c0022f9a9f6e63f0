import { expect, test } from "@jest/globals";
import { Canaries } from "./canaries.ts";

let nowMs = 0;
function canaries(nodeId: string): { canaries: Canaries; heard: string[][] } {
  const heard: string[][] = [];
  const announcements = { text: () => `of ${nodeId}`, heard: (...each: string[]) => void heard.push(each) };
  return { canaries: new Canaries({ nodeId, announcements, now: () => nowMs }), heard };
}

test("returns the round trip of its own canary", () => {
  const { canaries: a } = canaries("a");
  const sent = Buffer.from(a.next());
  nowMs += 40;
  expect(a.received(sent)).toBe(40);
});

test("passes on the announcement of another gateway", () => {
  const [a, b] = [canaries("a"), canaries("b")];
  expect(a.canaries.received(Buffer.from(b.canaries.next()))).toBeUndefined();
  expect(a.heard).toEqual([["b", "of b"]]);
});

test("counts a gateway of an earlier release, which announces nothing", () => {
  const { canaries: a, heard } = canaries("a");
  a.received(Buffer.from(a.next()));
  a.received(Buffer.from("old 12"));
  expect(a.nodes()).toBe(2);
  expect(heard).toEqual([["old", ""]]);
});

test("forgets a gateway when it has been silent for five seconds", () => {
  const { canaries: a } = canaries("a");
  a.received(Buffer.from("gone 12"));
  nowMs += 5_001;
  a.received(Buffer.from(a.next()));
  expect(a.nodes()).toBe(1);
});

test("ignores a message that is not a canary", () => {
  const { canaries: a, heard } = canaries("a");
  for (const text of ["", "one", "a b", "\u0000 \u0000"]) expect(a.received(Buffer.from(text))).toBeUndefined();
  expect([a.nodes(), heard]).toEqual([1, []]);
});
