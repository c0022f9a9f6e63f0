import type { EraStart } from "./era.ts";
import type { Entry, Message } from "./message-ring.ts";

export interface LogInfo extends EraStart {
  /** Position of the oldest entry that can be read. If the log is empty, it is `last + 1`. */
  first: number;
  last: number;
  /** Origin → number of its last message in the whole log. */
  numbers: ReadonlyMap<string, number>;
}

export interface LogEntry {
  s: number;
  message: Message | undefined;
}

/**
 * Answer to an append. gap: the log lacks messages before this one. `last` is the number of the origin's last message
 * in the log.
 */
export type AppendAnswer = { kind: "stored" } | { kind: "gap"; last: number };

/**
 * How to append. late: the message has possibly been published before, so it is published on the late channel, where
 * other gateways skip what they have.
 */
export interface AppendManner<P> {
  /** True if it is allowed that the log lacks numbers before this one. */
  jump: boolean;
  late: boolean;
  /** The message in the form in which the other gateways get it. */
  published?: P | undefined;
}

/**
 * The log. An answer is undefined if the log could not be used or was lost before the answer. In this case, `down` of
 * the follower is called too.
 */
export interface LogPort<P = unknown> {
  attach(done: (info: LogInfo | undefined) => void): void;
  /**
   * Reads a page that begins with entry `from`. An entry that cannot be parsed has no message. The page is undefined if
   * the log belongs to another era.
   */
  read(era: number, from: number, done: (page: readonly LogEntry[] | undefined) => void): void;
  append(entry: Entry, manner: AppendManner<P>, done: (answer: AppendAnswer | undefined) => void): void;
}
