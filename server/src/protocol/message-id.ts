import { createHash } from "node:crypto";

/** What a message's key belongs to. The same key of another user, or in another room, means another message. */
export interface KeyedMessage {
  userId: string;
  namespace: string;
  room: string;
  key: string;
}

/**
 * The id of a message with a key, as a UUID. The same key gives the same id on every gateway, so that gateways
 * recognize a repetition without asking each other.
 */
export function messageIdOf({ userId, namespace, room, key }: KeyedMessage): string {
  const bytes = createHash("sha256")
    .update(JSON.stringify([userId, namespace, room, key]))
    .digest()
    .subarray(0, 16);
  // RFC 9562: version 8 (made by the application), variant 10.
  bytes[6] = (bytes[6]! & 0x0f) | 0x80;
  bytes[8] = (bytes[8]! & 0x3f) | 0x80;
  return bytes.toString("hex").replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
}
