import { createHash } from "node:crypto";

/**
 * A message's idempotency key, and what it belongs to. With another user, namespace or room, the same key means another
 * message.
 */
export interface KeyedMessage {
  userId: string;
  namespace: string;
  room: string;
  key: string;
}

/**
 * Computes a message's id, a UUID, from its idempotency key. All gateways compute the same id, so they recognize a
 * repeated message without asking each other.
 */
export function messageIdOf({ userId, namespace, room, key }: KeyedMessage): string {
  const bytes = createHash("sha256")
    .update(JSON.stringify([userId, namespace, room, key]))
    .digest()
    .subarray(0, 16);
  // Sets version 8 (defined by the application) and variant 10 of a UUID (RFC 9562).
  bytes[6] = (bytes[6]! & 0x0f) | 0x80;
  bytes[8] = (bytes[8]! & 0x3f) | 0x80;
  return bytes.toString("hex").replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
}
