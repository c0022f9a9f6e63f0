import * as z from "zod";

// The pattern excludes "*" (used in patterns of rooms), "#" and "/" (which adapters use to separate the parts of a
// channel's name), spaces and control characters.
const ROOM_NAME = /^[A-Za-z0-9_.:@=+~-]{1,128}$/;
// The form of a socket id. Clients must not use such names, because each socket is in a room whose name is its id.
const SOCKET_ID = /^(?=.*[A-Z])[A-Za-z0-9_-]{20}$/;

/** The name of a room, as clients and back ends send it. */
export const roomName = z
  .string()
  .regex(ROOM_NAME, "must be 1 to 128 letters, digits or _ . : @ = + ~ - characters")
  .refine((name) => !SOCKET_ID.test(name), "must not have the form of a socket id");

/** The id of a case. The name of its room is a prefix and this id. */
export const caseIdentifier = z
  .string()
  .regex(/^[A-Za-z0-9_.:@=+~-]{1,120}$/, "must be 1 to 120 letters, digits or _ . : @ = + ~ - characters");

/** The room whose members get the events of a case. */
export function roomOfCase(caseId: string): string {
  return `case:${caseId}`;
}

/** Whether this is the room of a case. Clients enter it by subscribing to the case or by join_room. */
export function isRoomOfCase(room: string): boolean {
  return room.startsWith("case:");
}

/** Whether a name or pattern of the list matches the room. `*` matches any number of characters. */
export function covers(patterns: readonly string[], room: string): boolean {
  return patterns.some((pattern) => pattern === room || (pattern.includes("*") && matches(pattern, room)));
}

// Only the last `*` is tried again after a mismatch. The time is linear for usual patterns, and at most the product of
// both lengths. A RegExp made from untrusted text could be much slower.
function matches(pattern: string, room: string): boolean {
  let at = 0;
  let from = 0;
  let star = -1;
  let resume = 0;
  while (from < room.length) {
    if (pattern[at] === "*") {
      star = at;
      at += 1;
      resume = from;
    } else if (pattern[at] === room[from]) {
      at += 1;
      from += 1;
    } else if (star >= 0) {
      at = star + 1;
      resume += 1;
      from = resume;
    } else return false;
  }
  while (pattern[at] === "*") at += 1;
  return at === pattern.length;
}
