import type { AppendAnswer, AppendManner, LogEntry, LogInfo, LogPort } from "../log-port.ts";
import type { Entry } from "../message-ring.ts";
import { headerText, lateMessage, type Published } from "./log-entries.ts";
import { readAppended, readInfo, readPage } from "./log-replies.ts";
import type { RecoveryLink } from "./recovery-link.ts";

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
    link.run("attachLog", [maxBytes, age, keepMs, era, s, isWhole ? 0 : 1], readInfo, done);
  }

  read(era: number, from: number, done: (page: readonly LogEntry[] | undefined) => void): void {
    this.#options.link.run("readLogBuffer", [era, from, PAGE], readPage, done);
  }

  append(
    entry: Entry,
    { jump, published }: AppendManner<Published>,
    done: (answer: AppendAnswer | undefined) => void,
  ): void {
    const { link, maxBytes, maxAgeMs, lateChannel } = this.#options;
    const { channel, message, placeAt, textAt, textEnd } = published ?? lateMessage(entry, lateChannel);
    const place = [channel, message, placeAt, entry.text === undefined ? 0 : textAt + 1, textEnd];
    const bounds = [maxBytes, Math.round(maxAgeMs())];
    link.run(
      "appendLog",
      [entry.origin, entry.number, jump ? 1 : 0, headerText(entry), ...bounds, ...place],
      readAppended,
      (answer) => done(answer === "none" ? undefined : answer),
    );
  }
}
