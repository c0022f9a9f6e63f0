// What this gateway has delivered to its clients: all entries of the log up to a position, and more messages of some
// origins (an origin is one gateway's numbered messages). The offset of a client has the same form. No clock, no I/O;
// recovery-model.test.ts tests it.
import type { Era, EraStart, Reach, Receipt } from "./era.ts";
import { formatOffset, type Offset } from "./offset.ts";
import { MessageRing, type Entry, type Mark, type Message, type RingOptions } from "./message-ring.ts";

/**
 * The number of eras, the current one included, whose offsets this gateway understands. An era is the time during which
 * one Redis process has the log.
 */
const MOST_ERAS = 4;

export class Delivered {
  readonly origin: string;
  readonly ring: MessageRing;
  readonly #eras = new Map<number, Era>();
  /** Origin → the highest number of its messages that this gateway has delivered. */
  readonly #seen = new Map<string, number>();
  /** Origin → the highest number of its messages in that part of the current log that this gateway has read. */
  #at = new Map<string, number>();
  /**
   * Origin → the highest number of its messages that this gateway has delivered. Contains only origins of which it has
   * delivered more messages than the log has up to `s`.
   */
  readonly #over = new Map<string, number>();
  /** Origin → messages that this gateway has delivered and that are in no log yet. */
  readonly #open = new Map<string, Entry[]>();
  #era = 0;
  /** The era that this gateway is about to enter, while it reads the log entries before the era's boundary. */
  #entering: number | undefined;
  #s = 0;
  #text: string | undefined;

  /** `onLost` is called when an own message of this gateway is evicted from memory before any log has it. */
  constructor(
    origin: string,
    bounds: Omit<RingOptions, "onEvicted">,
    onLost: (entry: Entry) => void = () => undefined,
  ) {
    this.origin = origin;
    this.ring = new MessageRing({
      ...bounds,
      onEvicted: (entry) => {
        if (entry.s !== 0) return;
        this.#forgetOpen(entry);
        if (entry.origin === origin) onLost(entry);
      },
    });
  }

  get era(): number {
    return this.#era;
  }

  get s(): number {
    return this.#s;
  }

  /** The highest number of an origin's messages that this gateway has delivered. 0 if it has delivered none. */
  seenOf(origin: string): number {
    return this.#seen.get(origin) ?? 0;
  }

  /**
   * Origin → the highest number of its messages that this gateway has delivered. Contains only origins of which it has
   * delivered more messages than are in the part of the log that it has read.
   */
  get over(): ReadonlyMap<string, number> {
    return this.#over;
  }

  /** The highest number of an origin's messages in the part of the log that this gateway has read. */
  loggedOf(origin: string): number {
    return this.#at.get(origin) ?? 0;
  }

  get offset(): Offset {
    return { era: this.#era, s: this.#s, over: this.#over };
  }

  /** The offset, as text. All clients of this gateway have the same offset. */
  get offsetText(): string {
    return (this.#text ??= formatOffset(this.offset));
  }

  /** Gives a message of this gateway its number. From now on, the message counts as delivered. */
  publish(message: Omit<Message, "origin" | "number">): Entry {
    const number = this.seenOf(this.origin) + 1;
    return this.#deliver({ ...message, origin: this.origin, number }, 0, 0);
  }

  /** Begins in this era with empty memory. The first `s` entries of its log count as delivered. */
  begin(start: EraStart, s: number): void {
    if (start.previous !== 0)
      this.#eras.set(start.previous, {
        start: { ...start, era: start.previous },
        end: start.boundary,
        again: new Map(),
      });
    this.#enter(start, s, new Map());
  }

  /**
   * Goes on in a new era. Its log has been read up to position `s`, which is at or after the era's boundary. All
   * entries up to `s` count as delivered.
   */
  enterEra(start: EraStart, s: number): void {
    this.#eras.get(this.#era)!.end = this.#s;
    this.#enter(start, s, start.at);
  }

  /** Handles a log entry that comes before the boundary of the era that this gateway is about to enter. */
  absorb(era: number, s: number, message: Message): Receipt {
    this.#entering = era;
    const seen = this.seenOf(message.origin);
    if (message.number <= seen) {
      this.#placeOpen(era, s, message);
      return { status: "known" };
    }
    return { status: "new", entry: this.#deliver(message, era, s), lost: message.number - seen - 1 };
  }

  /**
   * Goes on after position `s`, because the log entries up to it can no longer be read. The messages in them do not
   * count as delivered.
   */
  skipTo(s: number): void {
    this.#s = s;
    this.#text = undefined;
  }

  /**
   * Takes over the numbers that the log has, when it has been read to its last entry. `at`: origin → number of its last
   * message in the log. Messages that Redis dropped before this gateway could read them count as delivered from now on.
   * Returns their number.
   */
  adopt(at: ReadonlyMap<string, number>): number {
    let lost = 0;
    for (const [origin, number] of at) {
      const seen = this.seenOf(origin);
      if (this.loggedOf(origin) < number) this.#at.set(origin, number);
      if (seen < number) {
        this.#seen.set(origin, number);
        lost += number - seen;
      }
      this.#compare(origin);
    }
    this.#text = undefined;
    return lost;
  }

  /**
   * Makes all offsets before this log entry too old for recovery, because this gateway does not have all the messages
   * that a client with such an offset has missed.
   */
  raiseFloor(s: number, era = this.#eraAt(s)): void {
    this.ring.raiseFloor({ origin: "", number: 0, era, s, index: this.ring.nextIndex - 1 });
  }

  /**
   * Counts all messages of an origin as logged, although the log lacks some of them: no gateway has these any more, so
   * nobody can append them.
   */
  giveUp(origin: string): void {
    this.#logged(origin, this.seenOf(origin));
    this.#text = undefined;
  }

  /**
   * Handles log entry `s` of the current era. Returns "ahead" if entries before it have not been handled yet.
   * `isFirst`: nothing was read before, so missing earlier messages are no loss.
   */
  receive(s: number, message: Message, isFirst = false): Receipt {
    if (s <= this.#s) return { status: "known" };
    if (s !== this.#s + 1) return { status: "ahead" };
    const { origin, number } = message;
    const seen = this.seenOf(origin);
    this.#s = s;
    this.#text = undefined;
    if (number <= seen) {
      this.#place(s, message);
      this.#logged(origin, number);
      return { status: "known" };
    }
    const lost = isFirst ? 0 : number - seen - 1;
    const entry = this.#deliver(message, this.#eraAt(s), s);
    this.#logged(origin, number);
    return { status: "new", entry, lost };
  }

  /**
   * Handles a message that was published without the log. Returns "ahead" if an earlier message of its origin has not
   * arrived yet.
   */
  receiveDirect(message: Message): Receipt {
    const seen = this.seenOf(message.origin);
    if (message.number <= seen) return { status: "known" };
    if (message.number !== seen + 1) return { status: "ahead" };
    return { status: "new", entry: this.#deliver(message, 0, 0), lost: 0 };
  }

  /**
   * Delivers a message that was published without the log, although earlier messages of its origin are missing. The
   * missing ones count as delivered from now on.
   */
  receiveBeyond(message: Message): Entry {
    return this.#deliver(message, 0, 0);
  }

  /** Whether this gateway has delivered all messages that the offset covers. */
  reaches(offset: Offset): Reach {
    const era = this.#eras.get(offset.era);
    if (era === undefined) return offset.era > this.#era ? "not yet" : "forgotten";
    if (offset.s > (era.end ?? this.#s)) return era.end === undefined ? "not yet" : "never";
    for (const [origin, number] of offset.over) {
      if (this.seenOf(origin) >= number) continue;
      return origin === this.origin ? "never" : "not yet";
    }
    return "reached";
  }

  /**
   * Whether a client with this offset has the message. This gateway must have delivered all messages that the offset
   * covers.
   */
  covers(offset: Offset, entry: Entry): boolean {
    return (offset.over.get(entry.origin) ?? 0) >= entry.number || this.coversInLog(offset, entry);
  }

  /**
   * Whether the message is among the first `s` log entries of the offset's era. Ignores the numbers that the offset has
   * for single origins.
   */
  coversInLog({ era, s }: Pick<Offset, "era" | "s">, entry: Mark): boolean {
    if (entry.era === era) return entry.s <= s;
    const of = this.#eras.get(era);
    if (of === undefined || this.#isLater(entry.era, era)) return false;
    const { start, again } = of;
    if (s < start.boundary) return false;
    if ((start.at.get(entry.origin) ?? 0) >= entry.number) return true;
    const at = firstFrom(again.get(entry.origin) ?? [], entry.number);
    return at !== undefined && at.s <= s;
  }

  /** Whether all entries in memory are from the same era as the offset. */
  isOneEra({ era }: Offset): boolean {
    const oldest = this.ring.oldest;
    return era === this.#era && (oldest === undefined || oldest.era === era || oldest.era === 0);
  }

  /**
   * Whether `era` came after `than`. An era that this gateway no longer remembers came before all that it remembers.
   */
  #isLater(era: number, than: number): boolean {
    if (era === this.#entering) return true;
    let isAfter = false;
    for (const known of this.#eras.keys()) {
      if (known === era) return isAfter;
      if (known === than) isAfter = true;
    }
    return false;
  }

  #enter(start: EraStart, s: number, at: ReadonlyMap<string, number>): void {
    this.#eras.set(start.era, { start, end: undefined, again: new Map() });
    for (const era of this.#eras.keys()) if (this.#eras.size > MOST_ERAS) this.#eras.delete(era);
    this.#era = start.era;
    this.#entering = undefined;
    this.#s = s;
    this.#at = new Map(at);
    this.#over.clear();
    for (const origin of this.#seen.keys()) this.#compare(origin);
    this.#text = undefined;
  }

  #deliver(message: Message, era: number, s: number): Entry {
    const entry = this.ring.add(message, { era, s, openFrom: this.#openFrom() });
    this.#seen.set(entry.origin, entry.number);
    if (s === 0) {
      const open = this.#open.get(entry.origin);
      if (open === undefined) this.#open.set(entry.origin, [entry]);
      else open.push(entry);
    }
    this.#compare(entry.origin);
    this.#text = undefined;
    return entry;
  }

  /** The era to which log entry `s` belongs. The entries up to the boundary belong to the previous era. */
  #eraAt(s: number): number {
    const { start } = this.#eras.get(this.#era)!;
    return s <= start.boundary && this.#eras.has(start.previous) ? start.previous : this.#era;
  }

  /** The index of the oldest entry that is in no log. Undefined if all are in a log. */
  #openFrom(): number | undefined {
    let first: number | undefined;
    for (const [entry] of this.#open.values()) if (first === undefined || entry!.index < first) first = entry!.index;
    return first;
  }

  #forgetOpen({ origin, number }: Entry): void {
    const open = this.#open.get(origin);
    while (open !== undefined && open.length > 0 && open[0]!.number <= number) open.shift();
    if (open?.length === 0) this.#open.delete(origin);
  }

  /** Notes the position in the log of a message that was delivered before the log had it. */
  #place(s: number, { origin, number }: Message): void {
    const era = this.#eraAt(s);
    if (this.#placeOpen(era, s, { origin, number })) return;
    const { again } = this.#eras.get(era)!;
    const list = again.get(origin);
    if (list === undefined) again.set(origin, [{ s, number }]);
    else list.push({ s, number });
  }

  #placeOpen(era: number, s: number, { origin, number }: Pick<Message, "origin" | "number">): boolean {
    const open = this.#open.get(origin);
    while (open !== undefined && open.length > 0 && open[0]!.number < number) open.shift();
    const first = open?.[0]?.number === number ? open.shift() : undefined;
    if (open?.length === 0) this.#open.delete(origin);
    if (first === undefined) return false;
    first.era = era;
    first.s = s;
    return true;
  }

  #logged(origin: string, number: number): void {
    this.#at.set(origin, Math.max(this.loggedOf(origin), number));
    this.#compare(origin);
  }

  #compare(origin: string): void {
    const seen = this.seenOf(origin);
    if (seen > this.loggedOf(origin)) this.#over.set(origin, seen);
    else this.#over.delete(origin);
  }
}

/** The first element whose number is at least `number`. The list must be in ascending order. */
function firstFrom<T extends { number: number }>(list: readonly T[], number: number): T | undefined {
  let low = 0;
  let high = list.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (list[middle]!.number < number) low = middle + 1;
    else high = middle;
  }
  return list[low];
}
