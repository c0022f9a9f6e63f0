import type { Identity } from "./identity.ts";

/**
 * The identity of a connection when token checks are off: every connection is its own user and may enter the rooms that
 * the room policy leaves open.
 */
export function anyone(connectionId: string): Identity {
  return { userId: `anonymous:${connectionId}`, issuedAtMs: 0, expiresAtMs: Infinity, rooms: ["*"], claims: {} };
}
