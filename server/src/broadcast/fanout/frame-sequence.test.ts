import { expect, test } from "@jest/globals";
import fc from "fast-check";
import { FrameSequence } from "./frame-sequence.ts";

test("shares one node and one joined buffer when the frames are the same", () => {
  const [a, b] = [Buffer.from("a"), Buffer.from("b")];
  const root = FrameSequence.empty();
  const one = root.with(a).with(b);
  const other = root.with(a).with(b);
  expect(other).toBe(one);
  expect(one.joined()).toBe(other.joined());
});

test("passes a single frame on without a copy", () => {
  const frame = Buffer.from("frame");
  expect(FrameSequence.empty().with(frame).joined()).toBe(frame);
});

test("joins each sequence to its own frames whatever the order of appends", () => {
  const frames = ["a", "bb", "ccc", "dddd"].map((text) => Buffer.from(text));
  const appends = fc.array(fc.record({ owner: fc.nat(3), frame: fc.nat(frames.length - 1) }), { maxLength: 40 });
  fc.assert(
    fc.property(appends, (steps) => {
      const root = FrameSequence.empty();
      const sequences = new Map<number, FrameSequence>();
      const texts = new Map<number, string>();
      for (const { owner, frame } of steps) {
        sequences.set(owner, (sequences.get(owner) ?? root).with(frames[frame]!));
        texts.set(owner, (texts.get(owner) ?? "") + frames[frame]!.toString());
      }
      for (const [owner, sequence] of sequences) {
        expect(sequence.joined().toString()).toBe(texts.get(owner));
        expect(sequence.bytes).toBe(texts.get(owner)!.length);
      }
    }),
  );
});
