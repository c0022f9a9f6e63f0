// The format of a broadcast that has a position in the message log. The list of encoded-broadcast.ts gets one more
// element of fixed width: origin, number, era and S (see recovery/offset.ts). The Redis script that appends the
// broadcast to the log writes era and S into it. While both are zero, the message is not in the log.
import type { Entry } from "../../recovery/message-ring.ts";
import { PLACE_BYTES, placeOf, type Published } from "../../recovery/redis/log-entries.ts";
import type { Codec, EncodedParts } from "./encoded-broadcast.ts";
import type { PublishedBroadcast } from "./published-broadcast.ts";

export interface NumberedParts extends EncodedParts {
  origin: string;
  number: number;
  era: number;
  s: number;
}

const LIST_OF_SEVEN = 0x97;
const BINARY_8 = 0xc4;
const STRING_32 = 0xdb;
const UINT_32 = 0xce;
const HEADER_BYTES = 5;
const OFFSETS_BYTES = 2 * HEADER_BYTES;
const ORIGIN_BYTES = 8;
const NUMBER_BYTES = 6;
const NUMBERED_BYTES = ORIGIN_BYTES + NUMBER_BYTES + PLACE_BYTES;
/**
 * Number of bytes that follow the text in a numbered broadcast: the positions of options and text, the header of the
 * added element, and this element.
 */
const TAIL_BYTES = OFFSETS_BYTES + 2 + NUMBERED_BYTES;

/** Encodes the message of a log entry. An origin has eight characters. */
export function numberedBroadcast(
  codec: Codec,
  [uid, packet, options]: PublishedBroadcast,
  { origin, number, text }: Entry,
): Omit<Published, "channel"> {
  const parts = [Buffer.of(LIST_OF_SEVEN), codec.encode(uid), codec.encode(packet), codec.encode(options)];
  const stringAt = parts.reduce((bytes, part) => bytes + part.length, 0);
  const optionsAt = stringAt - parts[3]!.length;
  const textAt = stringAt + HEADER_BYTES;
  const textEnd = textAt + text!.length;
  const message = Buffer.allocUnsafe(textEnd + TAIL_BYTES);
  let end = 0;
  for (const part of parts) end += part.copy(message, end);
  writeUint32(message, STRING_32, text!.length, end);
  text!.copy(message, textAt);
  writeUint32(message, UINT_32, optionsAt, textEnd);
  writeUint32(message, UINT_32, stringAt, textEnd + HEADER_BYTES);
  const originAt = message.length - NUMBERED_BYTES;
  message[originAt - 2] = BINARY_8;
  message[originAt - 1] = NUMBERED_BYTES;
  message.write(origin.padEnd(ORIGIN_BYTES), originAt, ORIGIN_BYTES, "latin1");
  const placeAt = message.writeUIntBE(number, originAt + ORIGIN_BYTES, NUMBER_BYTES);
  message.fill(0, placeAt);
  return { message, textAt, textEnd };
}

/**
 * Finds the parts of a numbered broadcast without decoding it. Undefined if the message has another format or wrong
 * positions.
 */
export function numberedParts(message: Buffer): NumberedParts | undefined {
  const originAt = message.length - NUMBERED_BYTES;
  const textEnd = message.length - TAIL_BYTES;
  if (message[0] !== LIST_OF_SEVEN || textEnd < HEADER_BYTES) return undefined;
  if (message[originAt - 2] !== BINARY_8 || message[originAt - 1] !== NUMBERED_BYTES) return undefined;
  if (message[textEnd] !== UINT_32 || message[textEnd + HEADER_BYTES] !== UINT_32) return undefined;
  const optionsAt = message.readUInt32BE(textEnd + 1);
  const stringAt = message.readUInt32BE(textEnd + HEADER_BYTES + 1);
  const textAt = stringAt + HEADER_BYTES;
  if (optionsAt >= stringAt || textAt > textEnd || message[stringAt] !== STRING_32) return undefined;
  if (message.readUInt32BE(stringAt + 1) !== textEnd - textAt) return undefined;
  const origin = message.toString("latin1", originAt, originAt + ORIGIN_BYTES).trimEnd();
  const number = message.readUIntBE(originAt + ORIGIN_BYTES, NUMBER_BYTES);
  const place = placeOf(message, originAt + ORIGIN_BYTES + NUMBER_BYTES);
  const options = message.subarray(optionsAt, stringAt);
  return { origin, number, ...place, options, text: message.subarray(textAt, textEnd) };
}

function writeUint32(message: Buffer, type: number, value: number, at: number): void {
  message[at] = type;
  message.writeUInt32BE(value, at + 1);
}
