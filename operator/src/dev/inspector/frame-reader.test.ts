import { expect, test } from "@jest/globals";
import { FrameReader } from "./frame-reader.ts";

function frame(
  text: string,
  { opcode = 1, isFinal = true, mask }: { opcode?: number; isFinal?: boolean; mask?: Buffer },
) {
  const payload = Buffer.from(text);
  const first = (isFinal ? 0x80 : 0) | opcode;
  const maskBit = mask === undefined ? 0 : 0x80;
  const length =
    payload.length < 126 ? [maskBit | payload.length] : [maskBit | 126, payload.length >> 8, payload.length & 0xff];
  if (mask !== undefined) for (let at = 0; at < payload.length; at += 1) payload[at]! ^= mask[at % 4]!;
  return Buffer.concat([Buffer.from([first, ...length]), mask ?? Buffer.alloc(0), payload]);
}

test("reads masked, split and interrupted messages from chunks of every size, and changes no byte", () => {
  const mask = Buffer.from([1, 2, 3, 4]);
  const bytes = Buffer.concat([
    frame("42[1]", { mask }),
    frame("x".repeat(300), { mask }),
    frame("hel", { isFinal: false }),
    frame("ping", { opcode: 9 }),
    frame("lo", { opcode: 0 }),
    frame("bytes", { opcode: 2 }),
  ]);
  for (const size of [1, 2, 7, 64, bytes.length]) {
    const read: (string | Buffer)[] = [];
    const reader = new FrameReader((message) => read.push(message));
    const passed = Buffer.from(bytes);
    for (let at = 0; at < passed.length; at += size) reader.push(passed.subarray(at, at + size));
    expect(read).toEqual(["42[1]", "x".repeat(300), "hello", Buffer.from("bytes")]);
    expect(passed.equals(bytes)).toBe(true);
  }
});

test("stops at a message that is too large to keep", () => {
  const read: unknown[] = [];
  const reader = new FrameReader((message) => read.push(message));
  const head = Buffer.alloc(10);
  head.set([0x81, 127]);
  head.writeBigUInt64BE(10_000_000n, 2);
  reader.push(head);
  for (let sent = 0; sent < 5; sent += 1) reader.push(Buffer.alloc(1_000_000));
  reader.push(frame("42[1]", {}));
  expect(read).toEqual([]);
});
