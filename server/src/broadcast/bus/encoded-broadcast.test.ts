import { createRequire } from "node:module";
import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { Encoder } from "socket.io-parser";
import { encodedBroadcast, encodedParts, eventHead, isEventText, type Codec } from "./encoded-broadcast.ts";
import type { PublishedBroadcast } from "./published-broadcast.ts";

/** Load msgpack as @socket.io/redis-adapter loads it. */
const require = createRequire(import.meta.url);
const msgpack = createRequire(require.resolve("@socket.io/redis-adapter"))("notepack.io") as Codec;

const textOf = (packet: PublishedBroadcast[1]): string => new Encoder().encode(packet)[0] as string;
const packetOf = (nsp: string, ...data: unknown[]): PublishedBroadcast[1] => ({ type: 2, data, nsp });
const broadcastOf = (packet: PublishedBroadcast[1]): PublishedBroadcast => [
  "sender",
  packet,
  { rooms: ["case:7"], except: ["someone"], flags: { volatile: true } },
];
const plain = broadcastOf(packetOf("/events", "case:updated", { state: "öffen" }));
const message = encodedBroadcast(msgpack, plain, textOf(plain[1]));

describe("a broadcast with its text", () => {
  test("is read by the stock adapter as the plain list", () => {
    const [uid, packet, options] = msgpack.decode(message) as PublishedBroadcast;
    expect([uid, packet, options]).toEqual(plain);
  });

  test("has the bytes of the previous release", () => {
    expect(message.toString("hex")).toBe(
      [
        ["96", "a673656e646572"],
        ["83", "a474797065", "02"],
        ["a464617461", "92", "ac636173653a75706461746564", "81", "a57374617465", "a6c3b66666656e"],
        ["a36e7370", "a72f6576656e7473"],
        ["83", "a5726f6f6d73", "91", "a6636173653a37"],
        ["a6657863657074", "91", "a7736f6d656f6e65", "a5666c616773", "81", "a8766f6c6174696c65", "c3"],
        ["db0000002c", Buffer.from(textOf(plain[1])).toString("hex"), "ce0000003c", "ce0000006c"],
      ]
        .flat()
        .join(""),
    );
  });

  test("gives a gateway the options and the exact text whatever the event is", () => {
    fc.assert(
      fc.property(
        fc.constantFrom("/", "/events"),
        fc.string({ unit: "grapheme", maxLength: 300 }),
        fc.array(fc.jsonValue(), { maxLength: 3 }),
        (namespace, event, data) => {
          const broadcast = broadcastOf(packetOf(namespace, event, ...data));
          const text = textOf(broadcast[1]);
          const parts = encodedParts(encodedBroadcast(msgpack, broadcast, text))!;
          expect(parts.text).toEqual(Buffer.from(text));
          expect(msgpack.decode(parts.options)).toEqual(broadcast[2]);
          expect(isEventText(parts.text, eventHead(namespace))).toBe(true);
        },
      ),
    );
  });
});

describe("any other message", () => {
  test.each([
    { name: "nothing", bytes: Buffer.alloc(0) },
    { name: "a list of six and no more", bytes: Buffer.of(0x96) },
    { name: "the stock adapter's", bytes: msgpack.encode(plain) },
    { name: "a list of six others", bytes: msgpack.encode([...plain, 1, 2, 3]) },
    {
      name: "one with a text of another length",
      bytes: Buffer.concat([message.subarray(0, -11), message.subarray(-10)]),
    },
    {
      name: "one with offsets beyond its end",
      bytes: Buffer.concat([message.subarray(0, -10), Buffer.from("ceffffff00ceffffff01", "hex")]),
    },
    {
      name: "one whose options begin after its text",
      bytes: Buffer.concat([message.subarray(0, -10), Buffer.of(0xce, 0, 0, 0xff, 0xff), message.subarray(-5)]),
    },
  ])("gives no parts when it is $name", ({ bytes }) => {
    expect(encodedParts(bytes)).toBeUndefined();
  });

  test("gives parts within the message or none when bytes were changed", () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.nat(message.length - 1), fc.nat(255)), { minLength: 1, maxLength: 12 }),
        fc.nat(message.length),
        (changes, length) => {
          const changed = Buffer.from(message);
          for (const [at, byte] of changes) changed[at] = byte;
          const parts = encodedParts(changed.subarray(0, length));
          if (parts !== undefined) expect(parts.options.length + parts.text.length).toBeLessThan(length);
        },
      ),
      { numRuns: 2_000 },
    );
  });
});

describe("a text for clients", () => {
  const head = eventHead("/events");
  test.each([
    { name: "an event", text: '2/events,["news",1]', want: true },
    { name: "an event without data", text: '2/events,["news"]', want: true },
    { name: "one of another namespace", text: '2/messaging,["news"]', want: false },
    { name: "one of a namespace whose name begins the same", text: '2/events2,["news"]', want: false },
    { name: "one of the default namespace", text: '2["news"]', want: false },
    { name: "one that requests an ack", text: '2/events,7["news"]', want: false },
    { name: "one with attachments", text: '51-/events,["news",{"_placeholder":true,"num":0}]', want: false },
    { name: "a disconnect", text: "1/events,", want: false },
    { name: "one without a name", text: "2/events,[1]", want: false },
    { name: "one that was cut off", text: '2/events,["news",{"a":1', want: false },
    { name: "its head alone", text: '2/events,["', want: false },
    { name: "nothing", text: "", want: false },
  ])("$name: $want", ({ text, want }) => {
    expect(isEventText(Buffer.from(text), head)).toBe(want);
  });

  test("is refused when it is not UTF-8", () => {
    expect(isEventText(Buffer.concat([Buffer.from('2/events,["'), Buffer.of(0xff), Buffer.from('"]')]), head)).toBe(
      false,
    );
  });
});
