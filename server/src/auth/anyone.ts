import type { Identity } from "./identity.ts";

/**
 * The identity of a connection when tokens are not checked. Each connection counts as a user of its own, who can enter
 * all rooms.
 */
export function anyone(connectionId: string): Identity {
  return { userId: `anonymous:${connectionId}`, issuedAtMs: 0, expiresAtMs: Infinity, rooms: ["*"], claims: {} };
}
