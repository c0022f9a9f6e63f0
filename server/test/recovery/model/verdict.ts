import type { Entry } from "../../../src/recovery/message-ring.ts";
import type { Client, Node } from "./simulated-node.ts";

export interface Verdict {
  /** Number of messages that clients should have received and did not, except those that a gateway counted as lost. */
  missing: number;
  doubled: number;
  disordered: number;
  /** Number of messages that clients received although they were sent before the client entered the room. */
  foreign: number;
  recovered: number;
  refused: number;
  delivered: number;
}

type Counts = Omit<Verdict, "recovered" | "refused">;

/**
 * The messages that the living gateways have. The key is "origin number". All other messages were lost when their
 * gateway died.
 */
export function knownMessages(alive: readonly Node[], nodes: readonly Node[]): Map<string, Entry> {
  const known = new Map<string, Entry>();
  for (const { delivered } of alive) {
    for (const { origin } of nodes.map((node) => node.delivered)) {
      const entries = delivered.ring.of(origin);
      for (let place = 0; place < entries.length; place += 1) {
        const entry = entries.at(place)!;
        known.set(`${origin} ${entry.number}`, entry);
      }
    }
  }
  return known;
}

/** Counts the faults in what the clients received. `known` are the messages that they should have received. */
export function judged(clients: readonly Client[], known: ReadonlyMap<string, Entry>): Counts {
  const counts = { missing: 0, doubled: 0, disordered: 0, foreign: 0, delivered: 0 };
  for (const client of clients) {
    if (client.conn === undefined) throw new Error("a client never came back");
    const seen = judgeReceived(client, counts);
    let missing = 0;
    for (const [
      key,
      {
        rooms: [room = ""],
        origin,
        number,
      },
    ] of known) {
      const entered = client.rooms.get(room);
      if (entered !== undefined && number > (entered.seen.get(origin) ?? 0) && !seen.has(key)) missing += 1;
    }
    counts.missing += Math.max(0, missing - client.lost);
  }
  return counts;
}

/** Counts the faults in one client's messages, and returns the keys of these messages. */
function judgeReceived({ got }: Client, counts: Counts): Set<string> {
  const seen = new Set<string>();
  const newest = new Map<string, number>();
  for (const { origin, number, isForeign } of got) {
    counts.delivered += 1;
    if (isForeign) counts.foreign += 1;
    if (seen.has(`${origin} ${number}`)) counts.doubled += 1;
    else if ((newest.get(origin) ?? 0) > number) counts.disordered += 1;
    seen.add(`${origin} ${number}`);
    newest.set(origin, Math.max(newest.get(origin) ?? 0, number));
  }
  return seen;
}
