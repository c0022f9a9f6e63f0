import type { Refusal } from "./refusal.ts";

/**
 * idle: not started. connecting: never live yet. live: events flow. reconnecting: the connection was lost and comes
 * back by itself. refused: it does not come back by itself; fix the reason and call connect(). closed: ended by
 * close().
 */
export type Status =
  | { state: "idle" | "connecting" | "live" | "closed" }
  | { state: "reconnecting"; sinceMs: number }
  | { state: "refused"; refusal: Refusal };
