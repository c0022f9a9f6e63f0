// The form of a message in Redis: a JSON header and the text. Other programs may write into Redis, so every part is
// checked before use.
import type { Entry, Message } from "../message-ring.ts";
import { isOrigin } from "../offset.ts";

/**
 * A message in the form in which other gateways get it. In its last twelve bytes the script writes the message's place:
 * era and S.
 */
export interface Published {
  channel: string;
  message: Buffer;
  /** Where the text begins and ends. */
  textAt: number;
  textEnd: number;
}

/** A message without its text. `hole` is set if the message has no text. */
interface Header {
  o: string;
  n: number;
  t: number;
  ns: string;
  r: readonly string[];
  x?: readonly string[];
  /** The id of a message with a key. */
  id?: string;
  hole?: true;
}

export const PLACE_BYTES = 12;
const LINE_END = 0x0a;
const NO_TEXT = Buffer.alloc(0);

export function isNumber(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

/** The header of an entry. In the log's list it comes before the text. */
export function headerText(entry: Message): string {
  return JSON.stringify(headerOf(entry));
}

/** Parses an entry of the log. Undefined when it cannot be read. */
export function readMessage(header: unknown, text: unknown): Message | undefined {
  if (!Buffer.isBuffer(header) || !Buffer.isBuffer(text)) return undefined;
  const read = readHeader(header.toString());
  return read === undefined ? undefined : messageOf(read, text);
}

/** Parses a message of the late channel: era, S and message. Undefined for other text. */
export function parseLate(bytes: Buffer): { era: number; s: number; message: Message } | undefined {
  const headerEnd = bytes.indexOf(LINE_END);
  const textEnd = bytes.length - PLACE_BYTES;
  if (headerEnd < 0 || textEnd <= headerEnd) return undefined;
  const header = readHeader(bytes.toString("utf8", 0, headerEnd));
  if (header === undefined) return undefined;
  const text = Buffer.from(bytes.subarray(headerEnd + 1, textEnd));
  return { ...placeOf(bytes, textEnd), message: messageOf(header, text) };
}

/** Era and S in the form in which the script writes them. */
export function placeOf(bytes: Buffer, at: number): { era: number; s: number } {
  return { era: bytes.readUIntBE(at, 6), s: bytes.readUIntBE(at + 6, 6) };
}

/** The late channel's form of a message: header, line end, text, place. */
export function lateMessage(entry: Entry, channel: string): Published {
  const head = Buffer.from(`${headerText(entry)}\n`);
  const message = Buffer.concat([head, entry.text ?? NO_TEXT, Buffer.alloc(PLACE_BYTES)]);
  return { channel, message, textAt: head.length, textEnd: message.length - PLACE_BYTES };
}

function headerOf({ origin, number, atMs, namespace, rooms, except, id, text }: Message): Header {
  const header: Header = { o: origin, n: number, t: atMs, ns: namespace, r: rooms };
  if (except.length > 0) header.x = except;
  if (id !== undefined) header.id = id;
  if (text === undefined) header.hole = true;
  return header;
}

function messageOf({ o, n, t, ns, r, x = [], id, hole }: Header, text: Buffer): Message {
  const message = { origin: o, number: n, namespace: ns, rooms: r, except: x, atMs: t, id };
  return { ...message, text: hole === true ? undefined : text };
}

function readHeader(text: string): Header | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  return isHeader(value) ? value : undefined;
}

function isHeader(value: unknown): value is Header {
  if (typeof value !== "object" || value === null) return false;
  const { o, n, t, ns, r, x = [], id = "", hole = true } = value as Partial<Record<keyof Header, unknown>>;
  const isAddressed = typeof ns === "string" && isTexts(r) && isTexts(x) && typeof id === "string";
  return isNumbered(o, n) && isAddressed && typeof t === "number" && hole === true;
}

function isNumbered(origin: unknown, number: unknown): boolean {
  return typeof origin === "string" && isOrigin(origin) && isNumber(number) && number > 0;
}

function isTexts(value: unknown): value is string[] {
  return Array.isArray(value) && value.every((text) => typeof text === "string");
}
