import type { Entry } from "./message-ring.ts";

/** How an era began. An era is the time during which one Redis process has the log. */
export interface EraStart {
  era: number;
  /** The era before this one, of the same log. 0 if there was none. */
  previous: number;
  /** Number of log entries that existed when this era began. They belong to earlier eras. */
  boundary: number;
  /** Origin → number of its last message among the log entries before the boundary. */
  at: ReadonlyMap<string, number>;
}

export interface Era {
  start: EraStart;
  /** The position in the log at which this gateway left the era. Undefined while it is in this era. */
  end: number | undefined;
  /** Origin → entries of this era's log that the gateway had delivered before the log had them, in ascending order. */
  again: Map<string, { s: number; number: number }[]>;
}

export type Receipt = { status: "new"; entry: Entry; lost: number } | { status: "known" | "ahead" };
/**
 * Whether this gateway has delivered all messages that an offset covers. not yet: they can still arrive. never: they
 * cannot arrive any more. forgotten: the offset belongs to an era that the gateway no longer remembers.
 */
export type Reach = "reached" | "not yet" | "never" | "forgotten";
