import type { Refusal } from "./refusal.ts";

/**
 * idle: not started. connecting: never live yet. live: events arrive. reconnecting: the connection was lost, and the
 * client reconnects. refused: the client does not retry; remove the cause and call connect(). closed: ended by close().
 */
export type Status =
  | { state: "idle" | "connecting" | "live" | "closed" }
  | { state: "reconnecting"; sinceMs: number }
  | { state: "refused"; refusal: Refusal };
