import type { Books } from "../books.ts";
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
  const check = (holding: string, found: string): void => {
    if (!inFlight.isBusy(holding) && found !== held(books, holding)) wrong += 1;
  };
  const holdings = [
    ...books.seats().map(({ socketId }) => `s${socketId}`),
    ...books.users().flatMap((userId) => [`u${userId}`, `:user:${userId}`]),
    ...books.roomKeys().map((key) => `:room:${key}`),
  ];
  for (let at = 0; at < holdings.length; at += CHUNK) {
    const chunk = holdings.slice(at, at + CHUNK);
    const found = await link.run("inspect", [lease, ...chunk]);
    chunk.forEach((holding, index) => check(holding, String(found[index])));
  }
  for (const kind of ["seats", "users", "names"]) {
    for (let cursor = "0"; ; ) {
      const [next, ...found] = await link.run("listHoldings", [lease, kind, cursor]);
      for (const holding of found.map(String)) if (!inFlight.isBusy(holding) && held(books, holding) === "") wrong += 1;
      cursor = String(next);
      if (cursor === "0") break;
    }
  }
  return wrong;
}

/** As inspect.ts answers. */
function held(books: Books, holding: string): string {
  const some = (count: number): string => (count > 0 ? String(count) : "");
  if (holding.startsWith("s")) return books.userOf(holding.slice(1)) ?? "";
  if (holding.startsWith("u")) return some(books.seatsOf(holding.slice(1)));
  if (holding.startsWith(":room:")) return some(books.socketsIn(holding.slice(":room:".length)));
  return some(books.roomsOf(holding.slice(":user:".length)));
}
