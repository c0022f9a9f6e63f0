import { createRequire } from "node:module";
import { describe, expect, test } from "@jest/globals";
import { frame, opcodes } from "../../../testkit/raw-socket.ts";
import { readWholeFrames } from "./quick-receiver.ts";
import type { Receiver } from "./ws.ts";

const { Receiver: ReceiverOfWs } = createRequire(import.meta.url)("ws") as {
  Receiver: new (options: object) => Receiver;
};

/** What a receiver emits when it gets these chunks. */
async function emitted(chunks: readonly Buffer[], way: "quick" | "stock"): Promise<unknown[]> {
  const receiver = new ReceiverOfWs({ isServer: true, maxPayload: 600, maxFragments: 4 });
  if (way === "quick") readWholeFrames(receiver);
  const events: unknown[] = [];
  receiver.on("message", (data: Buffer, isBinary: boolean) =>
    events.push([isBinary ? "binary" : "text", data.toString("latin1")]),
  );
  for (const name of ["ping", "pong", "conclude"])
    receiver.on(name, (...args: unknown[]) => events.push([name, ...args.map(String)]));
  receiver.on("error", (error: Error & { code?: string }) => events.push(["error", error.code]));
  for (const chunk of chunks) {
    // Copy the chunk, because ws unmasks it in place.
    if (!receiver.destroyed) receiver.write(Buffer.from(chunk));
    await new Promise(setImmediate);
  }
  return events;
}

const bad = Buffer.concat([Buffer.from("4"), Buffer.from([0xc3])]);
const frames: Record<string, Buffer> = {
  pong: frame(opcodes.text, "3"),
  event: frame(opcodes.text, '42/events,1["join_room",{"room":"a"}]'),
  "text with umlauts": frame(opcodes.text, "4äöü€😀"),
  "text of 200 bytes": frame(opcodes.text, "4" + "x".repeat(199)),
  "text over the limit": frame(opcodes.text, "4" + "x".repeat(700)),
  "empty text": frame(opcodes.text, ""),
  "invalid UTF-8": Buffer.concat([Buffer.from([0x81, 0x82, 0, 0, 0, 0]), bad]),
  binary: frame(2, "bytes"),
  "control ping": frame(9, "?"),
  close: frame(8, ""),
  "without a mask": Buffer.from([0x81, 0x01, 0x33]),
  "a reserved bit": Buffer.from([0xc1, 0x81, 0, 0, 0, 0, 0x33]),
  "first fragment": Buffer.from([0x01, 0x81, 1, 2, 3, 4, 0x33]),
  "last fragment": Buffer.from([0x80, 0x81, 1, 2, 3, 4, 0x33]),
  "a masked text": Buffer.from([0x81, 0x82, 1, 2, 3, 4, 0x33 ^ 1, 0x34 ^ 2]),
};

describe("emits what ws emits", () => {
  test.each(Object.entries(frames))("for %s, alone and after a pong", async (_name, bytes) => {
    for (const chunks of [[bytes], [frames["pong"]!, bytes, frames["pong"]!], [bytes, frames["event"]!]])
      expect(await emitted(chunks, "quick")).toEqual(await emitted(chunks, "stock"));
  });

  test("for random frames that are cut at random places", async () => {
    let seed = 11;
    const random = (most: number): number => (seed = (seed * 48_271) % 2_147_483_647) % most;
    const all = Object.values(frames);
    for (let round = 0; round < 300; round += 1) {
      const bytes = Buffer.concat(Array.from({ length: 1 + random(5) }, () => all[random(all.length)]!));
      const chunks: Buffer[] = [];
      for (let start = 0; start < bytes.length;) {
        const length = random(3) === 0 ? bytes.length : 1 + random(50);
        chunks.push(bytes.subarray(start, start + length));
        start += length;
      }
      expect(await emitted(chunks, "quick")).toEqual(await emitted(chunks, "stock"));
    }
  });
});
