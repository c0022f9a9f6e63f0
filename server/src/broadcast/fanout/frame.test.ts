import { createRequire } from "node:module";
import { describe, expect, test } from "@jest/globals";
import { joinedFrame, messageFrame, textFrame } from "./frame.ts";

const { Sender } = createRequire(import.meta.url)("ws") as {
  Sender: { frame(data: Buffer, options: Record<string, unknown>): Buffer[] };
};
const wsFrame = (text: string) =>
  Sender.frame(Buffer.from(text), { fin: true, opcode: 1, mask: false, rsv1: false, readOnly: false });

const texts = {
  "one byte": "4",
  "the longest with a short header": "x".repeat(125),
  "the shortest with a 16 bit length": "x".repeat(126),
  "the longest with a 16 bit length": "x".repeat(65_535),
  "the shortest with a 64 bit length": "x".repeat(65_536),
  "text whose bytes outnumber its characters": "ü€😀\ud800".repeat(40),
};

describe("a frame has the bytes of ws", () => {
  test.each(Object.entries(texts))("%s", (_name, text) => {
    expect(textFrame(text)).toEqual(Buffer.concat(wsFrame(text)));
    expect(joinedFrame(wsFrame(text))).toEqual(Buffer.concat(wsFrame(text)));
    expect(joinedFrame([wsFrame(text)[0]!, text])).toEqual(Buffer.concat(wsFrame(text)));
  });

  test.each(Object.entries(texts))("around encoded text: %s", (_name, text) => {
    expect(messageFrame(Buffer.from(text))).toEqual(textFrame(`4${text}`));
  });

  test("is its header when there is no payload", () => {
    expect(joinedFrame([Buffer.from([0x89, 0])])).toEqual(Buffer.from([0x89, 0]));
  });
});
