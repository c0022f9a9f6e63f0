/**
 * How a reconcile pass of a key ended, and when the next one is due. done: after a change. again: after this time.
 * failed: after the backoff. stuck: after a change, because a retry would fail too; `afterMs` is set if no watch shows
 * the change.
 */
export type Outcome =
  | { type: "done" }
  | { type: "again"; afterMs: number; why: string }
  | { type: "failed"; error: Error; /** Shortest wait that the server requested. */ afterMs?: number }
  | { type: "stuck"; reason: string; message: string; afterMs?: number };

export const done: Outcome = { type: "done" };
