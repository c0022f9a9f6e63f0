import type { Entry } from "./message-ring.ts";

/** How an era began. */
export interface EraStart {
  era: number;
  /** The era before in the same log. 0 when there was none. */
  previous: number;
  /** Number of log entries that this era took over. */
  boundary: number;
  /** Origin → its highest number in the log at the boundary. */
  at: ReadonlyMap<string, number>;
}

export interface Era {
  start: EraStart;
  /** The position at which this gateway left the era. */
  end: number | undefined;
  /** Entries of this era's log that the gateway had delivered in an earlier era, ascending, by origin. */
  again: Map<string, { s: number; number: number }[]>;
}

export type Receipt = { status: "new"; entry: Entry; lost: number } | { status: "known" | "ahead" };
/** not yet: the answer may change in a moment. never: it will not. forgotten: the era is too old. */
export type Reach = "reached" | "not yet" | "never" | "forgotten";
