import type { Entry } from "./message-ring.ts";

/** How an era began. */
export interface EraStart {
  era: number;
  /** The previous era of the same log. 0 when there was none. */
  previous: number;
  /** Number of log entries that this era took over from the previous one. */
  boundary: number;
  /** Origin → its highest number in the log at the boundary. */
  at: ReadonlyMap<string, number>;
}

export interface Era {
  start: EraStart;
  /** The position at which this gateway left the era. */
  end: number | undefined;
  /** By origin, in ascending order: entries of this era's log that the gateway had delivered in an earlier era. */
  again: Map<string, { s: number; number: number }[]>;
}

export type Receipt = { status: "new"; entry: Entry; lost: number } | { status: "known" | "ahead" };
/**
 * Whether this gateway has delivered what an offset covers. not yet: the answer may change in a moment. never: the
 * answer will not change. forgotten: the offset's era is too old.
 */
export type Reach = "reached" | "not yet" | "never" | "forgotten";
