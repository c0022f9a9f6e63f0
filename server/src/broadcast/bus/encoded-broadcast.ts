// A broadcast on Redis: the list [uid, packet, options] of @socket.io/redis-adapter, plus the packet's text and two
// offsets, which stock readers ignore.
// Gateways forward the text without decoding the packet. Other readers decode the packet (docs/adr/0008).
import { isUtf8 } from "node:buffer";
import type { PublishedBroadcast } from "./published-broadcast.ts";

/** The msgpack codec of the adapter. Both functions throw on invalid input; decode rejects bytes after the value. */
export interface Codec {
  encode(value: unknown): Buffer;
  decode(bytes: Buffer): unknown;
}

/** The two parts that a gateway reads. They are views of the message's memory. */
export interface EncodedParts {
  options: Buffer;
  /** The packet's text without its msgpack header. */
  text: Buffer;
}

const LIST_OF_SIX = 0x96;
const STRING_32 = 0xdb;
const UINT_32 = 0xce;
/** Size of the text's header, and of each offset: one type byte and 32 bits. */
const HEADER_BYTES = 5;
const OFFSETS_BYTES = 2 * HEADER_BYTES;

/** Encodes a broadcast whose packet has this text. */
export function encodedBroadcast(
  codec: Codec,
  [uid, packet, options]: PublishedBroadcast,
  text: string | Buffer,
): Buffer {
  const parts = [Buffer.of(LIST_OF_SIX), codec.encode(uid), codec.encode(packet), codec.encode(options)];
  const textAt = parts.reduce((bytes, part) => bytes + part.length, 0);
  const textBytes = typeof text === "string" ? Buffer.byteLength(text) : text.length;
  const message = Buffer.allocUnsafe(textAt + HEADER_BYTES + textBytes + OFFSETS_BYTES);
  let end = 0;
  for (const part of parts) end += part.copy(message, end);
  end = writeUint32(message, STRING_32, textBytes, end);
  end += typeof text === "string" ? message.write(text, end) : text.copy(message, end);
  end = writeUint32(message, UINT_32, textAt - parts[3]!.length, end);
  writeUint32(message, UINT_32, textAt, end);
  return message;
}

/**
 * Finds the text and the options of a message without decoding it. Undefined for any other message and for wrong
 * offsets.
 */
export function encodedParts(message: Buffer): EncodedParts | undefined {
  const textEnd = message.length - OFFSETS_BYTES;
  if (message[0] !== LIST_OF_SIX || textEnd < HEADER_BYTES) return undefined;
  if (message[textEnd] !== UINT_32 || message[textEnd + HEADER_BYTES] !== UINT_32) return undefined;
  const optionsAt = message.readUInt32BE(textEnd + 1);
  const textAt = message.readUInt32BE(textEnd + HEADER_BYTES + 1);
  const textBytes = textEnd - HEADER_BYTES - textAt;
  if (
    optionsAt >= textAt ||
    textBytes < 0 ||
    message[textAt] !== STRING_32 ||
    message.readUInt32BE(textAt + 1) !== textBytes
  )
    return undefined;
  return { options: message.subarray(optionsAt, textAt), text: message.subarray(textAt + HEADER_BYTES, textEnd) };
}

/** The first bytes of an event's text in a namespace, for events without ack id and attachments. */
export function eventHead(namespace: string): Buffer {
  return Buffer.from(`2${namespace === "/" ? "" : `${namespace},`}["`);
}

/**
 * Whether clients may get this text. It must be one event of this namespace in valid UTF-8; browsers disconnect on
 * invalid UTF-8. The JSON is not parsed: parsing would cost as much as forwarding the text saves.
 */
export function isEventText(text: Buffer, head: Buffer): boolean {
  return (
    text.length > head.length &&
    text.compare(head, 0, head.length, 0, head.length) === 0 &&
    text[text.length - 1] === CLOSING_BRACKET &&
    isUtf8(text)
  );
}

const CLOSING_BRACKET = 0x5d;

function writeUint32(message: Buffer, type: number, value: number, at: number): number {
  message[at] = type;
  return message.writeUInt32BE(value, at + 1);
}
