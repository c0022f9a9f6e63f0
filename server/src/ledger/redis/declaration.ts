import { roomKey, type Books } from "../memory/books.ts";

/** Strings in one script: a few milliseconds of Redis. */
const MOST_STRINGS = 1000;

/**
 * Everything the books hold, as arguments of scripts/declare.ts, in pieces. Taken at once, so that it is the state of one moment;
 * sent piece by piece.
 */
export function declaration(books: Books): string[][] {
  const keys = new Map<string, string[]>();
  const put = (name: string, field: string, value: string): void => {
    const strings = keys.get(name);
    if (strings === undefined) keys.set(name, [field, value]);
    else strings.push(field, value);
  };
  for (const { socketId, userId } of books.seats()) put(":seats", socketId, userId);
  for (const userId of books.seatedUsers()) put(":users", userId, String(books.seatsOf(userId)));
  for (const entry of books.entries()) put(`:room:${roomKey(entry)}`, entry.socketId, entry.userId);
  for (const [userId, rooms] of books.rooms())
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
