import { roomKey, type Holdings } from "../memory/holdings.ts";

/** Maximum number of strings in one call of a script. Redis needs a few milliseconds for so many. */
const MOST_STRINGS = 1000;

/**
 * All seats and room entries of this node at one moment, as arguments for the script `declare`. They are split into
 * several calls.
 */
export function declaration(holdings: Holdings): string[][] {
  const keys = new Map<string, string[]>();
  const put = (name: string, field: string, value: string): void => {
    const strings = keys.get(name);
    if (strings === undefined) keys.set(name, [field, value]);
    else strings.push(field, value);
  };
  for (const { socketId, userId } of holdings.seats()) put(":seats", socketId, userId);
  for (const userId of holdings.seatedUsers()) put(":users", userId, String(holdings.seatsOf(userId)));
  for (const entry of holdings.entries()) put(`:room:${roomKey(entry)}`, entry.socketId, entry.userId);
  for (const [userId, rooms] of holdings.rooms())
    for (const [key, sockets] of rooms) put(`:user:${userId}`, key, String(sockets));
  return pieces(keys);
}

function pieces(keys: ReadonlyMap<string, readonly string[]>): string[][] {
  const all: string[][] = [];
  let piece: string[] = [];
  for (const [name, strings] of keys) {
    for (let at = 0; at < strings.length; at += MOST_STRINGS) {
      const part = strings.slice(at, at + MOST_STRINGS);
      if (piece.length > 0 && piece.length + part.length > MOST_STRINGS) {
        all.push(piece);
        piece = [];
      }
      piece.push(name, String(part.length), ...part);
    }
  }
  return piece.length === 0 ? all : [...all, piece];
}
