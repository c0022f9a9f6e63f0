import type { Books } from "../memory/books.ts";
import type { InFlight } from "./in-flight.ts";
import type { Link } from "./link.ts";

export interface AuditParts {
  link: Link;
  books: Books;
  inFlight: InFlight;
  lease: string;
}

const CHUNK = 250;

/**
 * Counts what Redis has otherwise than this node's books, both ways. Answers come in the order of the questions, so at the moment
 * of an answer the books show what Redis showed, but for what is still in flight.
 */
export async function audit({ link, books, inFlight, lease }: AuditParts): Promise<number> {
  let wrong = 0;
  const inspect = async (holdings: readonly string[]): Promise<void> => {
    const found = await link.run("inspect", [lease, ...holdings]);
    for (const [index, holding] of holdings.entries()) {
      if (!inFlight.isBusy(holding) && String(found[index]) !== held(books, holding)) wrong += 1;
    }
  };
  const chunk: string[] = [];
  for (const holding of holdingsOf(books)) {
    chunk.push(holding);
    if (chunk.length === CHUNK) await inspect(chunk.splice(0));
  }
  if (chunk.length > 0) await inspect(chunk);
  for (const kind of ["seats", "users", "names"]) {
    for (let cursor = "0"; ;) {
      const [next, ...found] = await link.run("listHoldings", [lease, kind, cursor]);
      for (const holding of found.map(String)) if (!inFlight.isBusy(holding) && held(books, holding) === "") wrong += 1;
      cursor = String(next);
      if (cursor === "0") break;
    }
  }
  return wrong;
}

/** Read while the books change: what goes meanwhile is not missed, and what comes may be seen or not. */
function* holdingsOf(books: Books): Generator<string> {
  for (const socketId of books.socketIds()) yield `s${socketId}`;
  for (const userId of books.seatedUsers()) yield `u${userId}`;
  for (const [userId] of books.rooms()) yield `:user:${userId}`;
  for (const key of books.roomKeys()) yield `:room:${key}`;
}

/** As scripts/inspect.ts answers. */
function held(books: Books, holding: string): string {
  const some = (count: number): string => (count > 0 ? String(count) : "");
  if (holding.startsWith("s")) return books.userOf(holding.slice(1)) ?? "";
  if (holding.startsWith("u")) return some(books.seatsOf(holding.slice(1)));
  if (holding.startsWith(":room:")) return some(books.socketsIn(holding.slice(":room:".length)));
  return some(books.roomsOf(holding.slice(":user:".length)));
}
