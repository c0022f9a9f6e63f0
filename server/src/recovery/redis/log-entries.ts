// The form of a message in Redis: a header in JSON, and the text. Other programs can write into Redis too, so each part
// is checked before it is used.
import type { Entry, Message } from "../message-ring.ts";
import { isOrigin } from "../offset.ts";

/**
 * A message in the form in which other gateways get it. Into its last twelve bytes, the Redis script writes the
 * message's place in the log: era and S (the position).
 */
export interface Published {
  channel: string;
  message: Buffer;
  /** Index of the first byte of the text, and of the first byte after it. */
  textAt: number;
  textEnd: number;
}

/**
 * A message without its text. `o` origin, `n` number, `t` time, `ns` namespace, `r` rooms, `x` excepted rooms. `hole`
 * is set if the message has no text.
 */
interface Header {
  o: string;
  n: number;
  t: number;
  ns: string;
  r: readonly string[];
  x?: readonly string[];
  /** The id of a message that was sent with an idempotency key. */
  id?: string;
  hole?: true;
}

export const PLACE_BYTES = 12;
const LINE_END = 0x0a;
const NO_TEXT = Buffer.alloc(0);

export function isNumber(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

/** The header of a log entry as JSON. The list in Redis has the text after it. */
export function headerText(entry: Message): string {
  return JSON.stringify(headerOf(entry));
}

/** Parses a log entry. Undefined if it cannot be parsed. */
export function readMessage(header: unknown, text: unknown): Message | undefined {
  if (!Buffer.isBuffer(header) || !Buffer.isBuffer(text)) return undefined;
  const read = readHeader(header.toString());
  return read === undefined ? undefined : messageOf(read, text);
}

/**
 * Parses a message of the late channel into era, S (the position in the log) and message. Undefined for any other text.
 */
export function parseLate(bytes: Buffer): { era: number; s: number; message: Message } | undefined {
  const headerEnd = bytes.indexOf(LINE_END);
  const textEnd = bytes.length - PLACE_BYTES;
  if (headerEnd < 0 || textEnd <= headerEnd) return undefined;
  const header = readHeader(bytes.toString("utf8", 0, headerEnd));
  if (header === undefined) return undefined;
  const text = Buffer.from(bytes.subarray(headerEnd + 1, textEnd));
  return { ...placeOf(bytes, textEnd), message: messageOf(header, text) };
}

/** Reads era and S (the position in the log) as the Redis script has written them. */
export function placeOf(bytes: Buffer, at: number): { era: number; s: number } {
  return { era: bytes.readUIntBE(at, 6), s: bytes.readUIntBE(at + 6, 6) };
}

/** A message in the form of the late channel: header, line end, text, place in the log. */
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
