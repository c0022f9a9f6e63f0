// The newest messages of all rooms in the order of delivery here, limited by bytes and age. Each room remembers its
// newest evicted message, so a quiet room stays recoverable although a busy room does not.

/** A numbered broadcast. */
export interface Message {
  readonly origin: string;
  readonly number: number;
  readonly namespace: string;
  /** The receiving rooms. An empty list means everyone in the namespace. */
  readonly rooms: readonly string[];
  readonly except: readonly string[];
  /**
   * The Socket.IO packet without an offset. Undefined when the packet cannot be kept, because it has attachments or is
   * too long.
   */
  readonly text: Buffer | undefined;
  readonly atMs: number;
  /** Only for a message with a key. Clients get only one of the messages with the same id. */
  readonly id?: string | undefined;
}

/** A message that this gateway has delivered, and its first known position in a log. */
export interface Entry extends Message {
  /** Number of the entry in this gateway's order of delivery. */
  readonly index: number;
  /**
   * Index of the oldest entry that no log had when this entry was delivered. If there was none, this entry's own index.
   */
  readonly openFrom: number;
  era: number;
  /** Position in the log. 0 while no log has the message. */
  s: number;
  /** All entries with the same id, in order of delivery. Undefined while there is only one. */
  copies?: Entry[];
}

/**
 * Whether this gateway has delivered another message with the same id before. Then its members must not get this one.
 */
export function isRepeated(entry: Entry): boolean {
  return entry.copies !== undefined && entry.copies[0] !== entry;
}

/** The part of an entry that is compared with offsets. */
export type Mark = Pick<Entry, "origin" | "number" | "era" | "s" | "index">;

/** Memory of an entry in addition to its text, for its objects and its places in lists. */
const OVERHEAD_BYTES = 400;
/** Additional memory of an entry with an id, for the id and its place in the index. */
const ID_BYTES = 150;
/**
 * Maximum number of marks of rooms whose messages have all been evicted. Above it, the oldest mark is removed and
 * counts for all rooms without a mark.
 */
const MOST_MARKS = 100_000;

/** The namespace of a barrier: a client whose offset lacks it may have missed other messages, in any room. */
export const EVERYWHERE = "";

export function bytesOf({ text, rooms, except, id }: Message): number {
  let bytes = OVERHEAD_BYTES + (text?.length ?? 0) + (id === undefined ? 0 : ID_BYTES);
  for (const room of rooms) bytes += 40 + room.length;
  for (const room of except) bytes += 40 + room.length;
  return bytes;
}

/** Joins namespace and room into one key. The room "" means everyone. */
export function roomKey(namespace: string, room: string): string {
  return `${namespace}\u0001${room}`;
}

/** A queue: first in, first out. `at(0)` is the oldest item. */
class Queue {
  #items: Entry[] = [];
  #head = 0;

  get length(): number {
    return this.#items.length - this.#head;
  }

  at(place: number): Entry | undefined {
    return this.#items[this.#head + place];
  }

  push(entry: Entry): void {
    this.#items.push(entry);
  }

  shift(): Entry | undefined {
    const entry = this.#items[this.#head];
    if (entry === undefined) return undefined;
    this.#head += 1;
    if (this.#head > 32 && this.#head * 2 > this.#items.length) {
      this.#items = this.#items.slice(this.#head);
      this.#head = 0;
    }
    return entry;
  }
}

export type Entries = Pick<Queue, "length" | "at">;
const NOTHING: Entries = { length: 0, at: () => undefined };

export interface RingOptions {
  maxBytes: number;
  /** Evicts entries that are older than this. */
  maxAgeMs: number;
  onEvicted?: (entry: Entry) => void;
}

export class MessageRing {
  readonly #maxBytes: number;
  #maxAgeMs: number;
  readonly #onEvicted: ((entry: Entry) => void) | undefined;
  readonly #all = new Queue();
  readonly #byRoom = new Map<string, Queue>();
  readonly #byOrigin = new Map<string, Queue>();
  /** The oldest entry with this id. */
  readonly #byId = new Map<string, Entry>();
  readonly #marks = new Map<string, Mark>();
  /** An evicted entry that counts as evicted from every room. */
  #floor: Mark | undefined;
  #bytes = 0;
  #nextIndex = 1;
  #missingAtMs: number | undefined;
  /** The floor was raised, and no entry has been added since. */
  #isFloorUndated = false;

  constructor({ maxBytes, maxAgeMs, onEvicted }: RingOptions) {
    this.#maxBytes = maxBytes;
    this.#maxAgeMs = maxAgeMs;
    this.#onEvicted = onEvicted;
  }

  get bytes(): number {
    return this.#bytes;
  }

  get length(): number {
    return this.#all.length;
  }

  /** The index of the next entry. */
  get nextIndex(): number {
    return this.#nextIndex;
  }

  get oldest(): Entry | undefined {
    return this.#all.at(0);
  }

  /** Time of the newest message that is not here any more, or never was; undefined while none is missing. */
  get missingAtMs(): number | undefined {
    return this.#missingAtMs;
  }

  setMaxAge(maxAgeMs: number): void {
    this.#maxAgeMs = maxAgeMs;
  }

  /** `openFrom`: index of the oldest entry that no log has, if there is one. */
  add(message: Message, { era, s, openFrom }: { era: number; s: number; openFrom: number | undefined }): Entry {
    const index = this.#nextIndex++;
    const entry: Entry = { ...message, era, s, index, openFrom: openFrom ?? index };
    if (this.#isFloorUndated) this.#missed(entry.atMs);
    this.#isFloorUndated = false;
    this.#all.push(entry);
    this.#bytes += bytesOf(entry);
    if (entry.namespace === EVERYWHERE) this.#raiseFloorTo(entry);
    else if (entry.text === undefined) this.#mark(keysOf(entry), entry);
    else for (const key of keysOf(entry)) push(this.#byRoom, key, entry);
    push(this.#byOrigin, entry.origin, entry);
    if (entry.id !== undefined) this.#noteId(entry.id, entry);
    this.evict(entry.atMs);
    return entry;
  }

  evict(nowMs: number): void {
    for (let oldest = this.#all.at(0); oldest !== undefined; oldest = this.#all.at(0)) {
      if (this.#bytes <= this.#maxBytes && nowMs - oldest.atMs <= this.#maxAgeMs) return;
      this.#all.shift();
      this.#bytes -= bytesOf(oldest);
      if (oldest.text !== undefined) {
        for (const key of keysOf(oldest)) shift(this.#byRoom, key);
        this.#mark(keysOf(oldest), markOf(oldest));
        this.#missed(oldest.atMs);
      }
      shift(this.#byOrigin, oldest.origin);
      if (oldest.id !== undefined) this.#forgetId(oldest.id, oldest);
      this.#onEvicted?.(oldest);
    }
  }

  /**
   * Treats every room as if this entry had been evicted from it. The missing messages have no times here: they are at
   * most as new as the next entry.
   */
  raiseFloor(entry: Mark): void {
    this.#floor = entry;
    this.#marks.clear();
    this.#isFloorUndated = true;
  }

  in(namespace: string, room: string): Entries {
    return this.#byRoom.get(roomKey(namespace, room)) ?? NOTHING;
  }

  of(origin: string): Entries {
    return this.#byOrigin.get(origin) ?? NOTHING;
  }

  withId(id: string): Entry | undefined {
    return this.#byId.get(id);
  }

  /**
   * The newest evicted entry of the room. A client whose offset does not cover it has missed a message that is lost.
   */
  evictedFrom(namespace: string, room: string): Mark | undefined {
    return this.#marks.get(roomKey(namespace, room)) ?? this.#floor;
  }

  #noteId(id: string, entry: Entry): void {
    const first = this.#byId.get(id);
    if (first === undefined) return void this.#byId.set(id, entry);
    const copies = (first.copies ??= [first]);
    copies.push(entry);
    entry.copies = copies;
  }

  #forgetId(id: string, { index, copies }: Entry): void {
    const next = copies?.find((copy) => copy.index > index);
    if (next === undefined) this.#byId.delete(id);
    else this.#byId.set(id, next);
  }

  #raiseFloorTo(entry: Entry): void {
    this.raiseFloor(entry);
    // No client can recover from before a barrier, so nothing is missing.
    this.#isFloorUndated = false;
  }

  #missed(atMs: number): void {
    this.#missingAtMs = Math.max(this.#missingAtMs ?? atMs, atMs);
  }

  #mark(keys: readonly string[], newest: Mark): void {
    for (const key of keys) {
      const mark = this.#marks.get(key);
      if (mark !== undefined && !succeeds(newest, mark)) continue;
      this.#marks.delete(key);
      this.#marks.set(key, newest);
    }
    if (this.#marks.size <= MOST_MARKS) return;
    for (const [key, oldest] of this.#marks) {
      this.#marks.delete(key);
      if (this.#floor === undefined || succeeds(oldest, this.#floor)) this.#floor = oldest;
      if (this.#marks.size <= MOST_MARKS) return;
    }
  }
}

/**
 * Whether an offset that covers the entry also covers what the mark stands for. Entries are not evicted in the order of
 * the log, because own entries are delivered before the log has them.
 */
function succeeds(entry: Mark, mark: Mark): boolean {
  if (mark.s === 0) return entry.s === 0 || (entry.origin === mark.origin && entry.number > mark.number);
  if (entry.s === 0) return true;
  return entry.era === mark.era ? entry.s > mark.s : entry.index > mark.index;
}

/** A mark has no text, because it may stay much longer than its entry. */
function markOf({ origin, number, era, s, index }: Entry): Mark {
  return { origin, number, era, s, index };
}

function keysOf({ namespace, rooms }: Message): readonly string[] {
  if (rooms.length === 0) return [roomKey(namespace, "")];
  return rooms.map((room) => roomKey(namespace, room));
}

function push(lists: Map<string, Queue>, key: string, entry: Entry): void {
  const list = lists.get(key);
  if (list === undefined) lists.set(key, new Queue()).get(key)!.push(entry);
  else list.push(entry);
}

function shift(lists: Map<string, Queue>, key: string): void {
  const list = lists.get(key);
  list?.shift();
  if (list?.length === 0) lists.delete(key);
}
