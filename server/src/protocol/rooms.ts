import * as z from "zod";

// Excludes "*" (patterns), "#" and "/" (channel separators of adapters), spaces and control characters.
const ROOM_NAME = /^[A-Za-z0-9_.:@=+~-]{1,128}$/;
// Every socket is in a room named by its id, used for messages to that socket.
const SOCKET_ID = /^(?=.*[A-Z])[A-Za-z0-9_-]{20}$/;

/** A room name as clients and back ends send it. */
export const roomName = z
  .string()
  .regex(ROOM_NAME, "must be 1 to 128 letters, digits or _ . : @ = + ~ - characters")
  .refine((name) => !SOCKET_ID.test(name), "must not have the form of a socket id");

/** A case's id: the room name without its prefix. */
export const caseIdentifier = z
  .string()
  .regex(/^[A-Za-z0-9_.:@=+~-]{1,120}$/, "must be 1 to 120 letters, digits or _ . : @ = + ~ - characters");

/** The room whose members get a case's events. */
export function roomOfCase(caseId: string): string {
  return `case:${caseId}`;
}

/** Whether a case has this room. Clients can also enter such a room by subscribing to the case. */
export function isRoomOfCase(room: string): boolean {
  return room.startsWith("case:");
}

/** Whether a name or pattern covers a room; `*` matches any number of characters. */
export function covers(patterns: readonly string[], room: string): boolean {
  return patterns.some((pattern) => pattern === room || (pattern.includes("*") && matches(pattern, room)));
}

// Greedy with one backtrack: linear for usual patterns, and at worst pattern length times name length. A RegExp from
// untrusted text could be much slower.
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
