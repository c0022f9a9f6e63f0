/**
 * How one reconcile pass of a key ended. done: wait for a change. again: pass again after this time. failed: retry with
 * backoff. stuck: a retry would fail too, so wait for a change; `afterMs` when no watch would show it.
 */
export type Outcome =
  | { type: "done" }
  | { type: "again"; afterMs: number; why: string }
  | { type: "failed"; error: Error; /** Shortest wait that the server requested. */ afterMs?: number }
  | { type: "stuck"; reason: string; message: string; afterMs?: number };

export const done: Outcome = { type: "done" };
