import type { EraStart } from "./era.ts";
import type { Entry, Message } from "./message-ring.ts";

export interface LogInfo extends EraStart {
  /** The oldest entry that can be read; last + 1 when there is none. */
  first: number;
  last: number;
  /** Origin → its number in the whole log. */
  numbers: ReadonlyMap<string, number>;
}

export interface LogEntry {
  s: number;
  message: Message | undefined;
}

export type AppendAnswer = { kind: "stored" } | { kind: "known" } | { kind: "gap"; last: number };

/** late: it may have been published before, so `published` is not used. */
export interface AppendManner<P> {
  /** Numbers may be left out before it. */
  jump: boolean;
  late: boolean;
  /** How other gateways get it. */
  published?: P | undefined;
}

/** Answers are undefined when the log was or went away; the follower hears so by `down`, too. */
export interface LogPort<P = unknown> {
  attach(done: (info: LogInfo | undefined) => void): void;
  /** A page from this entry on; none when the era is another. An entry that cannot be read has no message. */
  read(era: number, from: number, done: (page: readonly LogEntry[] | undefined) => void): void;
  append(entry: Entry, manner: AppendManner<P>, done: (answer: AppendAnswer | undefined) => void): void;
}
