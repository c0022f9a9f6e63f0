import type { Refusal } from "./refusal.ts";

/**
 * idle: connect() was not called yet. connecting: the client connects for the first time. live: the client is connected
 * and gets events. reconnecting: the connection was lost, and the client connects again. refused: the gateway refused
 * the client, which does not retry: remove the cause and call connect(). closed: close() was called.
 */
export type Status =
  | { state: "idle" | "connecting" | "live" | "closed" }
  | { state: "reconnecting"; sinceMs: number }
  | { state: "refused"; refusal: Refusal };
