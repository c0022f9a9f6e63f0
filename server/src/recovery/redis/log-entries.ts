// The form of a message in Redis: a JSON header and the text. Other programs may write into Redis, so every part is
// checked before use.
import type { LogEntry } from "../log-port.ts";
import type { Entry, Message } from "../message-ring.ts";
import { isOrigin } from "../offset.ts";

/** A broadcast in the form that other gateways get, with twelve free bytes for era and S. */
export interface Published {
  channel: string;
  message: Buffer;
  placeAt: number;
  /** Of the text. */
  textAt: number;
  textEnd: number;
}

/** A message without its text. `hole`: it has no text. */
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

export function isNumber(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

export function headerText(entry: Message): string {
  return JSON.stringify(headerOf(entry));
}

/** Parses an entry of the stream. Undefined when not even its position can be read. */
export function readEntry(item: unknown): LogEntry | undefined {
  if (!Array.isArray(item)) return undefined;
  const [id, fields] = item as unknown[];
  const s = Buffer.isBuffer(id) ? Number(/^(\d+)-\d+$/.exec(id.toString("latin1"))?.[1]) : NaN;
  if (!isNumber(s) || s === 0) return undefined;
  const list = Array.isArray(fields) ? (fields as unknown[]) : [];
  const by = new Map<string, Buffer>();
  for (let index = 0; index + 1 < list.length; index += 2) {
    const value = list[index + 1];
    if (Buffer.isBuffer(value)) by.set(String(list[index]), value);
  }
  const header = readHeader(by.get("h")?.toString() ?? "");
  return { s, message: header === undefined ? undefined : messageOf(header, by.get("t")) };
}

/** Parses a message of the late channel: era, S and message. Undefined for other text. */
export function parseLate(bytes: Buffer): { era: number; s: number; message: Message } | undefined {
  const headerEnd = bytes.indexOf(LINE_END, PLACE_BYTES);
  if (headerEnd < 0) return undefined;
  const header = readHeader(bytes.toString("utf8", PLACE_BYTES, headerEnd));
  if (header === undefined) return undefined;
  const text = header.hole === true ? undefined : Buffer.from(bytes.subarray(headerEnd + 1));
  return { ...placeOf(bytes, 0), message: messageOf(header, text) };
}

/** Era and S in the form in which the script writes them. */
export function placeOf(bytes: Buffer, at: number): { era: number; s: number } {
  return { era: bytes.readUIntBE(at, 6), s: bytes.readUIntBE(at + 6, 6) };
}

export function lateMessage(entry: Entry, channel: string): Published {
  const header = entry.text === undefined ? { ...headerOf(entry), hole: true } : headerOf(entry);
  const head = Buffer.from(`${"\0".repeat(PLACE_BYTES)}${JSON.stringify(header)}\n`);
  const message = Buffer.concat([head, entry.text ?? Buffer.alloc(0)]);
  return { channel, message, placeAt: 0, textAt: head.length, textEnd: message.length };
}

function headerOf({ origin, number, atMs, namespace, rooms, except, id }: Message): Header {
  const header: Header = { o: origin, n: number, t: atMs, ns: namespace, r: rooms };
  if (except.length > 0) header.x = except;
  if (id !== undefined) header.id = id;
  return header;
}

function messageOf({ o, n, t, ns, r, x = [], id }: Header, text: Buffer | undefined): Message {
  return { origin: o, number: n, namespace: ns, rooms: r, except: x, text, atMs: t, id };
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
