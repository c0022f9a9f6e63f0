/**
 * How the reconcile pass of a key ended, and when the next pass of this key is due.
 * - done: when something changes. again: after `afterMs`. failed: after the queue's backoff.
 * - stuck: when something changes, because a retry would fail too. `afterMs` is set if no watch would report the
 * change.
 * - gone: never, because the key's object does not exist any more.
 */
export type Outcome =
  | { type: "done" }
  | { type: "gone" }
  | { type: "again"; afterMs: number; why: string }
  | { type: "failed"; error: Error; /** Shortest wait that the server requested. */ afterMs?: number }
  | { type: "stuck"; reason: string; message: string; afterMs?: number };

export const done: Outcome = { type: "done" };
export const gone: Outcome = { type: "gone" };
