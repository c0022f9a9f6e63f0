// A broadcast with its number: the list of encoded-broadcast.ts with one element more before the offsets, of fixed width: origin, number,
// era and S. The script that appends it to the log fills in the last two; zero says that it is not in the log.
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
/** From the message's end. */
const NUMBERED_AT = OFFSETS_BYTES + NUMBERED_BYTES;

/** The message for an entry, whose text is the packet's. Origins have eight characters. */
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
  const message = Buffer.allocUnsafe(textEnd + 2 + NUMBERED_AT);
  let end = 0;
  for (const part of parts) end += part.copy(message, end);
  writeUint32(message, STRING_32, text!.length, end);
  text!.copy(message, textAt);
  message[textEnd] = BINARY_8;
  message[textEnd + 1] = NUMBERED_BYTES;
  message.write(origin.padEnd(ORIGIN_BYTES), textEnd + 2, ORIGIN_BYTES, "latin1");
  const numberAt = textEnd + 2 + ORIGIN_BYTES;
  const placeAt = message.writeUIntBE(number, numberAt, NUMBER_BYTES);
  message.fill(0, placeAt, placeAt + PLACE_BYTES);
  writeUint32(message, UINT_32, optionsAt, placeAt + PLACE_BYTES);
  writeUint32(message, UINT_32, stringAt, placeAt + PLACE_BYTES + HEADER_BYTES);
  return { message, placeAt, textAt, textEnd };
}

/** The parts of such a message, or undefined when it is another, or one whose offsets do not fit. Nothing is decoded. */
export function numberedParts(message: Buffer): NumberedParts | undefined {
  const offsetsAt = message.length - OFFSETS_BYTES;
  const numberedAt = message.length - NUMBERED_AT;
  const textEnd = numberedAt - 2;
  if (message[0] !== LIST_OF_SEVEN || textEnd < HEADER_BYTES) return undefined;
  if (message[textEnd] !== BINARY_8 || message[textEnd + 1] !== NUMBERED_BYTES) return undefined;
  if (message[offsetsAt] !== UINT_32 || message[offsetsAt + HEADER_BYTES] !== UINT_32) return undefined;
  const optionsAt = message.readUInt32BE(offsetsAt + 1);
  const stringAt = message.readUInt32BE(offsetsAt + HEADER_BYTES + 1);
  const textAt = stringAt + HEADER_BYTES;
  if (optionsAt >= stringAt || textAt > textEnd || message[stringAt] !== STRING_32) return undefined;
  if (message.readUInt32BE(stringAt + 1) !== textEnd - textAt) return undefined;
  const origin = message.toString("latin1", numberedAt, numberedAt + ORIGIN_BYTES).trimEnd();
  const number = message.readUIntBE(numberedAt + ORIGIN_BYTES, NUMBER_BYTES);
  const place = placeOf(message, numberedAt + ORIGIN_BYTES + NUMBER_BYTES);
  const options = message.subarray(optionsAt, stringAt);
  return { origin, number, ...place, options, text: message.subarray(textAt, textEnd) };
}

function writeUint32(message: Buffer, type: number, value: number, at: number): void {
  message[at] = type;
  message.writeUInt32BE(value, at + 1);
}
