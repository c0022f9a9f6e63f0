import type { EraStart } from "./era.ts";
import type { Entry, Message } from "./message-ring.ts";

export interface LogInfo extends EraStart {
  /** Position of the oldest entry that can be read. last + 1 when the log is empty. */
  first: number;
  last: number;
  /** Origin → its highest number in the whole log. */
  numbers: ReadonlyMap<string, number>;
}

export interface LogEntry {
  s: number;
  message: Message | undefined;
}

/** gap: the log lacks messages before this one, after the origin's number `last`. */
export type AppendAnswer = { kind: "stored" } | { kind: "gap"; last: number };

/** late: the message may have been published before, so `published` is not used. */
export interface AppendManner<P> {
  /** True when numbers before this one may be missing. */
  jump: boolean;
  late: boolean;
  /** The message in the form in which other gateways get it. */
  published?: P | undefined;
}

/** An answer is undefined when the log was away or went away. The follower then also gets `down`. */
export interface LogPort<P = unknown> {
  attach(done: (info: LogInfo | undefined) => void): void;
  /** Reads a page from this entry on. Undefined message: the entry cannot be read. none: the log is of another era. */
  read(era: number, from: number, done: (page: readonly LogEntry[] | undefined) => void): void;
  append(entry: Entry, manner: AppendManner<P>, done: (answer: AppendAnswer | undefined) => void): void;
}
