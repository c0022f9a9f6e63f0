import type { Delivered } from "../delivered.ts";
import { withOverride, type Offset } from "../offset.ts";
import { isRepeated, type Entry } from "../message-ring.ts";

/** A client that has missed more messages than this is not recovered and starts a new session. */
export const MOST_MISSED = 1_000;
export const MOST_MISSED_BYTES = 1024 * 1024;

/** The namespace and the rooms of a returning client. */
export interface Membership {
  namespace: string;
  /** Room → the offset at which the client entered it. The room "" means the whole namespace. */
  rooms: ReadonlyMap<string, Offset | undefined>;
}

export type Missed = { entries: readonly Entry[] } | { reason: "too_old" | "too_much" };

/**
 * The messages that a client with this offset has missed, or the reason why it cannot be recovered. This gateway must
 * have delivered all messages that the offset covers.
 */
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
    // The offset covers this entry's position in the log, so the client has all entries before it in the log. Only
    // entries that were in no log yet when this gateway delivered this entry can still be missing.
    else if (isOneEra && delivered.coversInLog(offset, entry)) stopBelow = Math.max(stopBelow, entry.openFrom);
  }
}

/**
 * Whether the message was for this client: it came after the client entered the room, and the client is in none of the
 * excepted rooms.
 */
function isFor(delivered: Delivered, entry: Entry, rooms: Membership["rooms"], entered: Offset | undefined): boolean {
  if (entered !== undefined && delivered.covers(entered, entry)) return false;
  return !entry.except.some((excepted) => excepted !== "" && rooms.has(excepted));
}

/** Whether the client already has another message with the same id, which another gateway sent. */
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

/**
 * The offset of a client that has received this missed message: it covers all messages up to this one and no later
 * ones.
 */
export function replayOffset(before: Offset, entry: Entry): Offset {
  return withOverride(before, entry.origin, entry.number);
}
