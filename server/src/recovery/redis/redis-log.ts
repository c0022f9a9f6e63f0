import type { AppendAnswer, AppendManner, LogInfo, LogPort } from "../log-port.ts";
import type { Entry, Message } from "../message-ring.ts";
import type { RecoveryLink } from "./recovery-link.ts";

/** A broadcast as other gateways get it, with twelve bytes left open for era and S. */
export interface Published {
  channel: string;
  message: Buffer;
  placeAt: number;
  /** Of the text. */
  textAt: number;
  textEnd: number;
}

export interface RedisLogOptions {
  link: RecoveryLink;
  maxBytes: number;
  maxAgeMs: () => number;
  /** Where the log has been read to. */
  position: () => { era: number; s: number; isWhole: boolean };
  /** On which messages are published that older gateways may have had already. */
  lateChannel: string;
}

const PAGE = 500;
const KEEP_MS = 3_600_000;
export const PLACE_BYTES = 12;

/** What a message is besides its text; in the stream and before the text of a late message. */
interface Header {
  o: string;
  n: number;
  t: number;
  ns: string;
  r: readonly string[];
  x?: readonly string[];
}

/** The log as log-scripts.ts keeps it. */
export class RedisLog implements LogPort<Published> {
  readonly #options: RedisLogOptions;

  constructor(options: RedisLogOptions) {
    this.#options = options;
  }

  attach(done: (info: LogInfo | undefined) => void): void {
    const { link, maxBytes, maxAgeMs, position } = this.#options;
    const { era, s, isWhole } = position();
    const age = maxAgeMs();
    const keepMs = Math.max(KEEP_MS, 2 * age);
    link.run<string[]>("attachLog", [maxBytes, age, keepMs, era, s, isWhole ? 0 : 1], (reply) =>
      done(reply === undefined ? undefined : infoOf(reply)),
    );
  }

  read(era: number, from: number, done: (page: readonly { s: number; message: Message }[] | undefined) => void): void {
    this.#options.link.run<readonly [Buffer, Buffer[]][] | null>("readLogBuffer", [era, from, PAGE], (reply) => {
      if (reply === undefined) return done(undefined);
      done((reply ?? []).map(([id, fields]) => entryOf(id, fields)));
    });
  }

  append(
    entry: Entry,
    { jump, published }: AppendManner<Published>,
    done: (answer: AppendAnswer | undefined) => void,
  ): void {
    const { link, maxBytes, maxAgeMs, lateChannel } = this.#options;
    const { channel, message, placeAt, textAt, textEnd } = published ?? lateMessage(entry, lateChannel);
    const header = JSON.stringify(headerOf(entry));
    const place = [channel, message, placeAt, entry.text === undefined ? 0 : textAt + 1, textEnd];
    const bounds = [maxBytes, Math.round(maxAgeMs())];
    link.run<[string, number?]>(
      "appendLog",
      [entry.origin, entry.number, jump ? 1 : 0, header, ...bounds, ...place],
      (reply) => {
        if (reply === undefined || reply[0] === "none") return done(undefined);
        const [kind, last = 0] = reply;
        done(kind === "gap" ? { kind, last } : { kind: kind === "known" ? "known" : "stored" });
      },
    );
  }
}

/** A message of the late channel: era, S and message; undefined when it is none. */
export function parseLate(bytes: Buffer): { era: number; s: number; message: Message } | undefined {
  const headerEnd = bytes.indexOf(LINE_END, PLACE_BYTES);
  if (headerEnd < 0) return undefined;
  const header = JSON.parse(bytes.toString("utf8", PLACE_BYTES, headerEnd)) as Header & { hole?: true };
  const text = header.hole === true ? undefined : Buffer.from(bytes.subarray(headerEnd + 1));
  return { ...placeOf(bytes, 0), message: messageOf(header, text) };
}

/** Era and S as the script writes them. */
export function placeOf(bytes: Buffer, at: number): { era: number; s: number } {
  return { era: bytes.readUIntBE(at, 6), s: bytes.readUIntBE(at + 6, 6) };
}

const LINE_END = 0x0a;

function lateMessage(entry: Entry, channel: string): Published {
  const header = entry.text === undefined ? { ...headerOf(entry), hole: true } : headerOf(entry);
  const head = Buffer.from(`${"\0".repeat(PLACE_BYTES)}${JSON.stringify(header)}\n`);
  const message = Buffer.concat([head, entry.text ?? Buffer.alloc(0)]);
  return { channel, message, placeAt: 0, textAt: head.length, textEnd: message.length };
}

function headerOf({ origin, number, atMs, namespace, rooms, except }: Message): Header {
  return { o: origin, n: number, t: atMs, ns: namespace, r: rooms, ...(except.length === 0 ? {} : { x: except }) };
}

function messageOf({ o, n, t, ns, r, x = [] }: Header, text: Buffer | undefined): Message {
  return { origin: o, number: n, namespace: ns, rooms: r, except: x, text, atMs: t };
}

function entryOf(id: Buffer, fields: readonly Buffer[]): { s: number; message: Message } {
  const by = new Map<string, Buffer>();
  for (let index = 0; index + 1 < fields.length; index += 2) by.set(fields[index]!.toString(), fields[index + 1]!);
  const header = JSON.parse(by.get("h")!.toString()) as Header;
  return { s: Number.parseInt(id.toString(), 10), message: messageOf(header, by.get("t")) };
}

function infoOf([era, previous, boundary, first, last, at = "[]", ...numbers]: readonly string[]): LogInfo {
  const list: unknown = JSON.parse(at);
  return {
    ...{ era: Number(era), previous: Number(previous), boundary: Number(boundary) },
    ...{ first: Number(first), last: Number(last) },
    at: numbersOf(Array.isArray(list) ? (list as string[]) : []),
    numbers: numbersOf(numbers),
  };
}

function numbersOf(list: readonly string[]): Map<string, number> {
  const numbers = new Map<string, number>();
  for (let index = 0; index + 1 < list.length; index += 2) numbers.set(list[index]!, Number(list[index + 1]));
  return numbers;
}
