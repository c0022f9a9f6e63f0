import type { Delivered } from "./delivered.ts";
import { withOverride, type Offset } from "./offset.ts";
import { isRepeated, type Entry } from "./message-ring.ts";

/** More is not replayed. */
export const MOST_MISSED = 1_000;
export const MOST_MISSED_BYTES = 1024 * 1024;

/** What a returning client was in. */
export interface Membership {
  namespace: string;
  /** Room → the offset at which it was entered, if that counts; "" is the whole namespace. */
  rooms: ReadonlyMap<string, Offset | undefined>;
}

export type Missed = { entries: readonly Entry[] } | { reason: "too_old" | "too_much" };

/** What a client with this offset, which must have been reached, has missed; or why that cannot be said. */
export function missedMessages(delivered: Delivered, offset: Offset, { namespace, rooms }: Membership): Missed {
  const missed = new Map<number, Entry>();
  let bytes = 0;
  for (const [room, entered] of rooms) {
    const evicted = delivered.ring.evictedFrom(namespace, room);
    if (evicted !== undefined && !isCovered(delivered, evicted, offset, entered)) return { reason: "too_old" };
    for (const entry of missedIn(delivered, delivered.ring.in(namespace, room), offset)) {
      if (missed.has(entry.index) || !isFor(delivered, entry, rooms, entered)) continue;
      if (isRepeated(entry) || hasCopy(delivered, entry, offset)) continue;
      missed.set(entry.index, entry);
      bytes += entry.text!.length;
      if (missed.size > MOST_MISSED || bytes > MOST_MISSED_BYTES) return { reason: "too_much" };
    }
  }
  return { entries: [...missed.values()].sort((a, b) => a.index - b.index) };
}

/** The entries of a room that the offset does not cover, newest first. */
function* missedIn(delivered: Delivered, entries: ReturnType<Delivered["ring"]["in"]>, offset: Offset) {
  const isOneEra = delivered.isOneEra(offset);
  let stopBelow = 0;
  for (let place = entries.length - 1; place >= 0; place -= 1) {
    const entry = entries.at(place)!;
    if (entry.index < stopBelow) return;
    if (!delivered.covers(offset, entry)) yield entry;
    // All that was in the log when this one came is before it in the log.
    else if (isOneEra && delivered.coversInLog(offset, entry)) stopBelow = Math.max(stopBelow, entry.openFrom);
  }
}

/** Whether the client was in the room when the message came, and in none that the message leaves out. */
function isFor(delivered: Delivered, entry: Entry, rooms: Membership["rooms"], entered: Offset | undefined): boolean {
  if (entered !== undefined && delivered.covers(entered, entry)) return false;
  return !entry.except.some((excepted) => excepted !== "" && rooms.has(excepted));
}

/** Whether the client has another message with the same id, from another gateway. */
function hasCopy(delivered: Delivered, { copies = [] }: Entry, offset: Offset): boolean {
  return copies.some((copy) => delivered.covers(offset, copy));
}

function isCovered(
  delivered: Delivered,
  evicted: Parameters<Delivered["coversInLog"]>[1],
  offset: Offset,
  entered: Offset | undefined,
): boolean {
  return delivered.coversInLog(offset, evicted) || (entered !== undefined && delivered.coversInLog(entered, evicted));
}

/** Offsets for a replay: after each of its messages the client has those up to it, and no others. */
export function replayOffset(before: Offset, entry: Entry): Offset {
  return withOverride(before, entry.origin, entry.number);
}
