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

/**
 * Answer to an append. gap: the log lacks messages before this one; its last message of the origin is number `last`.
 */
export type AppendAnswer = { kind: "stored" } | { kind: "gap"; last: number };

/** late: the message may have been published before, so `published` is not published again. */
export interface AppendManner<P> {
  /** True when numbers before this one may be missing. */
  jump: boolean;
  late: boolean;
  /** The message in the form in which other gateways get it. */
  published?: P | undefined;
}

/**
 * The log. An answer is undefined when the log could not be used, or was lost before the answer. The follower then also
 * gets `down`.
 */
export interface LogPort<P = unknown> {
  attach(done: (info: LogInfo | undefined) => void): void;
  /**
   * Reads a page that begins with this entry. An entry without message cannot be read. The page is undefined when the
   * log belongs to another era.
   */
  read(era: number, from: number, done: (page: readonly LogEntry[] | undefined) => void): void;
  append(entry: Entry, manner: AppendManner<P>, done: (answer: AppendAnswer | undefined) => void): void;
}
