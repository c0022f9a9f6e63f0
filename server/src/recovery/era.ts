import type { Entry } from "./message-ring.ts";

/** How an era began. */
export interface EraStart {
  era: number;
  /** The era before, in the same log; 0 when there was none. */
  previous: number;
  /** Entries of the log that it took over. */
  boundary: number;
  /** Origin → its number in the log at the boundary. */
  at: ReadonlyMap<string, number>;
}

export interface Era {
  start: EraStart;
  /** Where this gateway left it. */
  end: number | undefined;
  /** Entries of this era's log which the gateway had met in an earlier one: by origin, ascending. */
  again: Map<string, { s: number; number: number }[]>;
}

export type Receipt = { status: "new"; entry: Entry; lost: number } | { status: "known" | "ahead" };
/** not yet: it may be in a moment. never: it will not be. forgotten: its era is too long ago. */
export type Reach = "reached" | "not yet" | "never" | "forgotten";
