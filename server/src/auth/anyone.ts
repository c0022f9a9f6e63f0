import type { Identity } from "./identity.ts";

/** Without token checks each connection is a user of its own, who may enter what the room policy leaves open. */
export function anyone(connectionId: string): Identity {
  return { userId: `anonymous:${connectionId}`, issuedAtMs: 0, expiresAtMs: Infinity, rooms: ["*"] };
}
