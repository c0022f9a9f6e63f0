import type { Holdings } from "../memory/holdings.ts";
import type { InFlight } from "./in-flight.ts";
import type { Link } from "./link.ts";

export interface AuditDeps {
  link: Link;
  holdings: Holdings;
  inFlight: InFlight;
  lease: string;
}

const CHUNK = 250;

/**
 * Counts the differences between the seats and room entries in Redis and those in this node's memory, in both
 * directions. Redis answers requests in their order, so each answer is compared with the memory of this moment. Entries
 * that a request is just changing are skipped.
 */
export async function audit({ link, holdings: held, inFlight, lease }: AuditDeps): Promise<number> {
  let wrong = 0;
  const inspect = async (names: readonly string[]): Promise<void> => {
    const found = await link.run("inspect", [lease, ...names]);
    for (const [index, holding] of names.entries()) {
      if (!inFlight.isBusy(holding) && String(found[index]) !== valueOf(held, holding)) wrong += 1;
    }
  };
  const chunk: string[] = [];
  for (const holding of namesOf(held)) {
    chunk.push(holding);
    if (chunk.length === CHUNK) await inspect(chunk.splice(0));
  }
  if (chunk.length > 0) await inspect(chunk);
  for (const kind of ["seats", "users", "names"]) {
    for (let cursor = "0"; ;) {
      const [next, ...found] = await link.run("listHoldings", [lease, kind, cursor]);
      for (const holding of found.map(String))
        if (!inFlight.isBusy(holding) && valueOf(held, holding) === "") wrong += 1;
      cursor = String(next);
      if (cursor === "0") break;
    }
  }
  return wrong;
}

/**
 * Names of all seats, users, rooms and rooms of users in this node's memory. They can change during the iteration, so a
 * new one can be missing.
 */
function* namesOf(held: Holdings): Generator<string> {
  for (const socketId of held.socketIds()) yield `s${socketId}`;
  for (const userId of held.seatedUsers()) yield `u${userId}`;
  for (const [userId] of held.rooms()) yield `:user:${userId}`;
  for (const key of held.roomKeys()) yield `:room:${key}`;
}

/** What this node's memory has under a name, in the format in which the script `inspect` answers. */
function valueOf(held: Holdings, holding: string): string {
  const some = (count: number): string => (count > 0 ? String(count) : "");
  if (holding.startsWith("s")) return held.userOf(holding.slice(1)) ?? "";
  if (holding.startsWith("u")) return some(held.seatsOf(holding.slice(1)));
  if (holding.startsWith(":room:")) return some(held.socketsIn(holding.slice(":room:".length)));
  return some(held.roomsOf(holding.slice(":user:".length)));
}
