/**
 * How one look at a key ended, and with it when the next one is due. done: nothing to do until something changes.
 * again: look once more after this long. failed: try again with backoff. stuck: trying again would fail in the same
 * way, so wait until something it depends on changes; `afterMs` where that cannot be seen.
 */
export type Outcome =
  | { type: "done" }
  | { type: "again"; afterMs: number; why: string }
  | { type: "failed"; error: Error; /** The least to wait, as the server asked for. */ afterMs?: number }
  | { type: "stuck"; reason: string; message: string; afterMs?: number };

export const done: Outcome = { type: "done" };
