// The newest messages of all rooms, in the order in which this gateway delivered them. Bytes and age are limited. Each
// room remembers the newest of its messages that was evicted. So clients of a quiet room can be recovered even if
// messages of a busy room are evicted.

/** A message that has a number of its origin (the gateway that sent it). */
export interface Message {
  readonly origin: string;
  readonly number: number;
  readonly namespace: string;
  /** The rooms that get the message. An empty list means the whole namespace. */
  readonly rooms: readonly string[];
  readonly except: readonly string[];
  /**
   * The Socket.IO packet without an offset. Undefined if it cannot be stored, because it has attachments or is too
   * long.
   */
  readonly text: Buffer | undefined;
  readonly atMs: number;
  /**
   * The id of a message that was sent with an idempotency key. If several messages have the same id, clients get only
   * one of them.
   */
  readonly id?: string | undefined;
}

/** A message that this gateway has delivered, and its position in the first log that had it. */
export interface Entry extends Message {
  /** Number of the entry in the order in which this gateway delivered messages. */
  readonly index: number;
  /**
   * Index of the oldest entry that was in no log when this entry was delivered. If there was none, the index of this
   * entry.
   */
  readonly openFrom: number;
  era: number;
  /** Position in the log. 0 while the message is in no log. */
  s: number;
  /** All entries with the same id, in the order of delivery. Undefined if this entry is the only one. */
  copies?: Entry[];
}

/**
 * Whether this gateway has already delivered another message with the same id, so that this one must not be delivered.
 */
export function isRepeated(entry: Entry): boolean {
  return entry.copies !== undefined && entry.copies[0] !== entry;
}

/** The fields of an entry that are compared with offsets. */
export type Mark = Pick<Entry, "origin" | "number" | "era" | "s" | "index">;

/** Estimated memory of an entry in addition to its text and its rooms. */
const OVERHEAD_BYTES = 400;
/** Estimated additional memory of an entry that has an id. */
const ID_BYTES = 150;
/**
 * Maximum number of marks (a mark is the newest evicted message of a room). At the maximum, the oldest mark is removed;
 * it then counts for all rooms that have no mark.
 */
const MOST_MARKS = 100_000;

/**
 * The namespace of a message that makes older offsets too old in all rooms: their clients have possibly missed messages
 * that are in no log.
 */
export const EVERYWHERE = "";

export function bytesOf({ text, rooms, except, id }: Message): number {
  let bytes = OVERHEAD_BYTES + (text?.length ?? 0) + (id === undefined ? 0 : ID_BYTES);
  for (const room of rooms) bytes += 40 + room.length;
  for (const room of except) bytes += 40 + room.length;
  return bytes;
}

/** Joins namespace and room into one key. The room "" means the whole namespace. */
export function roomKey(namespace: string, room: string): string {
  return `${namespace}\u0001${room}`;
}

/** A queue. `at(0)` is the oldest item. */
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
  /** Entries that are older than this are evicted. */
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
  /** Id → the oldest entry that has this id. */
  readonly #byId = new Map<string, Entry>();
  readonly #marks = new Map<string, Mark>();
  /** The mark that counts for all rooms without a mark of their own. */
  #floor: Mark | undefined;
  #bytes = 0;
  #nextIndex = 1;
  #missingAtMs: number | undefined;
  /** True if `raiseFloor` was called and no entry has been added since then. */
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

  get nextIndex(): number {
    return this.#nextIndex;
  }

  get oldest(): Entry | undefined {
    return this.#all.at(0);
  }

  /** Time of the newest message that this gateway evicted or never had. Undefined while no message is missing. */
  get missingAtMs(): number | undefined {
    return this.#missingAtMs;
  }

  setMaxAge(maxAgeMs: number): void {
    this.#maxAgeMs = maxAgeMs;
  }

  /** `openFrom`: index of the oldest entry that is in no log. Undefined if all are in a log. */
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
   * Makes all offsets before this entry too old, in all rooms. The time of the missing messages is unknown, but it is
   * not later than the time of the next entry.
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
   * The newest evicted entry of the room. If a client's offset does not cover it, the client has missed a message that
   * this gateway no longer has.
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
    // No client with an earlier offset can be recovered anyway, so the missing messages do not shorten the time that
    // `missingAtMs` reports.
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
 * Whether every offset that covers `entry` also covers `mark` (an evicted message). The order of eviction does not tell
 * this: this gateway delivers its own messages before they are in the log, so the order of the log can be another one.
 */
function succeeds(entry: Mark, mark: Mark): boolean {
  if (mark.s === 0) return entry.s === 0 || (entry.origin === mark.origin && entry.number > mark.number);
  if (entry.s === 0) return true;
  return entry.era === mark.era ? entry.s > mark.s : entry.index > mark.index;
}

/**
 * Copies the fields of a mark. The text must not stay in memory, because a mark can stay much longer than its entry.
 */
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
