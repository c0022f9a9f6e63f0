import { expect, test } from "@jest/globals";
import fc from "fast-check";
import { Batch } from "./batch.ts";

test("two histories with the same frames share one node and one joined buffer", () => {
  const [a, b] = [Buffer.from("a"), Buffer.from("b")];
  const root = Batch.empty();
  const one = root.with(a).with(b);
  const other = root.with(a).with(b);
  expect(other).toBe(one);
  expect(one.joined()).toBe(other.joined());
});

test("a single frame is passed on without a copy", () => {
  const frame = Buffer.from("frame");
  expect(Batch.empty().with(frame).joined()).toBe(frame);
});

test("whatever the order of appends, each history joins to its own frames", () => {
  const frames = ["a", "bb", "ccc", "dddd"].map((text) => Buffer.from(text));
  const appends = fc.array(fc.record({ owner: fc.nat(3), frame: fc.nat(frames.length - 1) }), { maxLength: 40 });
  fc.assert(
    fc.property(appends, (steps) => {
      const root = Batch.empty();
      const batches = new Map<number, Batch>();
      const texts = new Map<number, string>();
      for (const { owner, frame } of steps) {
        batches.set(owner, (batches.get(owner) ?? root).with(frames[frame]!));
        texts.set(owner, (texts.get(owner) ?? "") + frames[frame]!.toString());
      }
      for (const [owner, batch] of batches) {
        expect(batch.joined().toString()).toBe(texts.get(owner));
        expect(batch.bytes).toBe(texts.get(owner)!.length);
      }
    }),
  );
});
