// The format of a broadcast on Redis: the list [uid, packet, options] of @socket.io/redis-adapter, then the packet's
// text, then the positions of the options and of the text. Stock readers ignore the added elements and decode the
// packet. Gateways send the text to clients without decoding the packet (docs/adr/0008).
import { isUtf8 } from "node:buffer";
import type { PublishedBroadcast } from "./published-broadcast.ts";

/**
 * The msgpack codec of @socket.io/redis-adapter. Both functions throw on invalid input. `decode` also throws when bytes
 * follow the value.
 */
export interface Codec {
  encode(value: unknown): Buffer;
  decode(bytes: Buffer): unknown;
}

/** The two parts of a message that a gateway reads. Both buffers share the message's memory. */
export interface EncodedParts {
  options: Buffer;
  /** The packet's text without its msgpack header. */
  text: Buffer;
}

const LIST_OF_SIX = 0x96;
const STRING_32 = 0xdb;
const UINT_32 = 0xce;
/**
 * Number of bytes of the text's msgpack header, and of each position at the end of the message: one type byte and 32
 * bits.
 */
const HEADER_BYTES = 5;
const OFFSETS_BYTES = 2 * HEADER_BYTES;

/** Encodes a broadcast. `text` is the encoded packet. */
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
 * Finds the text and the options of a message without decoding it. Undefined if the message has another format or wrong
 * positions.
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

/** The first bytes of the text of every event in this namespace that has no ack id and no attachments. */
export function eventHead(namespace: string): Buffer {
  return Buffer.from(`2${namespace === "/" ? "" : `${namespace},`}["`);
}

/**
 * Whether it is safe to send this text to clients: it must be one event of this namespace in valid UTF-8. A browser
 * disconnects when it gets invalid UTF-8. The JSON is not parsed, because parsing costs as much as sending the text
 * unchanged saves.
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
