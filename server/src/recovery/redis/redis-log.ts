import type { AppendAnswer, AppendManner, LogEntry, LogInfo, LogPort } from "../log-port.ts";
import type { Entry } from "../message-ring.ts";
import { headerText, lateMessage, PLACE_BYTES, type Published } from "./log-entries.ts";
import { readAppended, readInfo, readPage } from "./log-replies.ts";
import type { RecoveryLink } from "./recovery-link.ts";

export interface RedisLogOptions {
  link: Pick<RecoveryLink, "run" | "flush">;
  maxBytes: number;
  maxAgeMs: () => number;
  /** The position up to which this gateway has read the log. */
  position: () => { era: number; s: number; isWhole: boolean };
  /** Channel for messages that were possibly published before: other gateways must compare them with what they have. */
  lateChannel: string;
  /** Called when Redis has begun a new log and the connection is still the same. */
  onNewEra?: () => void;
}

const PAGE = 500;
/**
 * Maximum number of messages, and of bytes, in one call of a script. A call with more would block Redis for too long.
 */
const MOST_APPENDED = 100;
const MOST_APPENDED_BYTES = 1024 * 1024;
const KEEP_MS = 3_600_000;

type ScriptArgument = string | number | Buffer;

/** A message that is sent to Redis at the end of this turn of the event loop. */
interface Appending extends Pick<Entry, "origin" | "number"> {
  arguments: readonly ScriptArgument[];
  done: (answer: AppendAnswer | undefined) => void;
}

/** The log in Redis, stored by log-scripts.ts. */
export class RedisLog implements LogPort<Published> {
  readonly #options: RedisLogOptions;
  #waiting: Appending[] = [];
  #waitingBytes = 0;
  /** Whether the log is allowed to lack numbers before that of the first waiting message. */
  #mayJump = false;
  #era: number | undefined;

  constructor(options: RedisLogOptions) {
    this.#options = options;
  }

  attach(done: (info: LogInfo | undefined) => void): void {
    const { link, maxBytes, maxAgeMs, position } = this.#options;
    const { era, s, isWhole } = position();
    const age = maxAgeMs();
    const keepMs = Math.max(KEEP_MS, 2 * age);
    link.run("attachLog", [maxBytes, age, keepMs, era, s, isWhole ? 0 : 1], readInfo, (info) => {
      done(info);
      if (info !== undefined) this.#isIn(info.era);
    });
  }

  read(era: number, from: number, done: (page: readonly LogEntry[] | undefined) => void): void {
    this.#options.link.run("readLogBuffer", [era, from, PAGE], readPage, done);
  }

  /**
   * Sends the messages of one turn of the event loop that have consecutive numbers in one call of a script, because
   * most of the cost is per call and not per message.
   */
  append(
    entry: Entry,
    { jump, published }: AppendManner<Published>,
    done: (answer: AppendAnswer | undefined) => void,
  ): void {
    const { origin, number } = entry;
    const before = this.#waiting.at(-1);
    if (before !== undefined && (origin !== before.origin || number !== before.number + 1)) this.#flush();
    if (this.#waiting.length === 0) this.#mayJump = jump;
    const { channel, message, textAt, textEnd } = published ?? lateMessage(entry, this.#options.lateChannel);
    const afterText = message.subarray(textEnd, message.length - PLACE_BYTES);
    const parts = [message.subarray(0, textAt), message.subarray(textAt, textEnd), afterText];
    this.#waiting.push({ origin, number, arguments: [headerText(entry), channel, ...parts], done });
    this.#waitingBytes += message.length;
    if (this.#waiting.length === MOST_APPENDED || this.#waitingBytes >= MOST_APPENDED_BYTES) this.#flush();
    else if (this.#waiting.length === 1) setImmediate(() => this.#flush());
  }

  /** Notes that there is a new connection, on which the era of the log is not known yet. */
  connected(): void {
    this.#era = undefined;
  }

  #isIn(era: number): void {
    const before = this.#era;
    this.#era = era;
    if (before !== undefined && before !== era) this.#options.onNewEra?.();
  }

  #flush(): void {
    const { link, maxBytes, maxAgeMs } = this.#options;
    const appending = this.#waiting;
    const [first] = appending;
    if (first === undefined) return;
    this.#waiting = [];
    this.#waitingBytes = 0;
    const bounds = [maxBytes, Math.round(maxAgeMs())];
    const numbered = [first.origin, first.number, this.#mayJump ? 1 : 0];
    const messages = appending.flatMap(({ arguments: each }) => each);
    link.run("appendLog", [...bounds, ...numbered, ...messages], readAppended, (appended) => {
      for (const { number, done } of appending) done(answerOf(appended, number));
    });
    link.flush();
  }
}

/** `appended`: number of the origin's last message in the log. */
function answerOf(appended: number | "none" | undefined, number: number): AppendAnswer | undefined {
  if (appended === undefined || appended === "none") return undefined;
  return number <= appended ? { kind: "stored" } : { kind: "gap", last: appended };
}
