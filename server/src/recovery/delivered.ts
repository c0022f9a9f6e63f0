// What this gateway has delivered to its members: a position in the log of the current era, and for some origins a
// number. An origin has a number when the gateway has delivered more of its messages than the log contains up to that
// position. No clock, no I/O. recovery-model.test.ts tests it.
import type { Era, EraStart, Reach, Receipt } from "./era.ts";
import { formatOffset, type Offset } from "./offset.ts";
import { MessageRing, type Entry, type Mark, type Message, type RingOptions } from "./message-ring.ts";

/** Offsets of this many past eras are still understood. */
const MOST_ERAS = 4;

export class Delivered {
  readonly origin: string;
  readonly ring: MessageRing;
  readonly #eras = new Map<number, Era>();
  /** Origin → highest number of its messages that was delivered here. */
  readonly #seen = new Map<string, number>();
  /** Origin → highest number of its messages in the first `s` entries of the era's log. */
  #at = new Map<string, number>();
  /** For each origin of which this gateway has delivered more than the log contains up to `s`: the highest number. */
  readonly #over = new Map<string, number>();
  /** Delivered messages that are not in a log yet. */
  readonly #open = new Map<string, Entry[]>();
  #era = 0;
  /** The era whose earlier entries this gateway absorbs before it enters it. */
  #entering: number | undefined;
  #s = 0;
  #text: string | undefined;

  /** `onLost` is called when one of this gateway's own messages is evicted from memory before a log has it. */
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

  /** The highest number of an origin's messages that this gateway has delivered. */
  seenOf(origin: string): number {
    return this.#seen.get(origin) ?? 0;
  }

  /** Origins of which this gateway has delivered more than the part of the log that it has read. */
  get over(): ReadonlyMap<string, number> {
    return this.#over;
  }

  /** The highest number of an origin in the part of the log that this gateway has read. */
  loggedOf(origin: string): number {
    return this.#at.get(origin) ?? 0;
  }

  get offset(): Offset {
    return { era: this.#era, s: this.#s, over: this.#over };
  }

  /** The offset that every client of this gateway has now. */
  get offsetText(): string {
    return (this.#text ??= formatOffset(this.offset));
  }

  /** Assigns a number to a message of this gateway. The message counts as delivered at once. */
  publish(message: Omit<Message, "origin" | "number">): Entry {
    const number = this.seenOf(this.origin) + 1;
    return this.#deliver({ ...message, origin: this.origin, number }, 0, 0);
  }

  /** Starts with empty memory in this era, after the first `s` entries of its log. */
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
   * Continues in a new era, at its boundary or later. Everything in its log up to that position counts as delivered.
   */
  enterEra(start: EraStart, s: number): void {
    this.#eras.get(this.#era)!.end = this.#s;
    this.#enter(start, s, start.at);
  }

  /** Handles an entry that comes before the boundary of an era that this gateway is about to enter. */
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
   * Skips entries up to this position, because they can no longer be read. The list of delivered messages does not
   * change.
   */
  skipTo(s: number): void {
    this.#s = s;
    this.#text = undefined;
  }

  /**
   * Call when the log was read to its last entry. `at` has the number of each gateway's last message in the log.
   * Messages that Redis trimmed before this gateway read them count as delivered.
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
   * Makes offsets below this entry of the era's log too old, because this gateway does not have the messages that such
   * offsets lack.
   */
  raiseFloor(s: number, era = this.#eraAt(s)): void {
    this.ring.raiseFloor({ origin: "", number: 0, era, s, index: this.ring.nextIndex - 1 });
  }

  /** Marks the messages of an origin as logged, when no gateway can append the missing ones any more. */
  giveUp(origin: string): void {
    this.#logged(origin, this.seenOf(origin));
    this.#text = undefined;
  }

  /**
   * Handles entry `s` of the era's log. Answers "ahead" when entries before it are still missing. With `isFirst`,
   * earlier entries do not matter.
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

  /** Handles a message that came without the log. Answers "ahead" when earlier messages may still come. */
  receiveDirect(message: Message): Receipt {
    const seen = this.seenOf(message.origin);
    if (message.number <= seen) return { status: "known" };
    if (message.number !== seen + 1) return { status: "ahead" };
    return { status: "new", entry: this.#deliver(message, 0, 0), lost: 0 };
  }

  /** Delivers such a message although earlier ones are missing. They count as delivered. */
  receiveBeyond(message: Message): Entry {
    return this.#deliver(message, 0, 0);
  }

  /** Whether this gateway has delivered everything that the offset covers. */
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

  /** Whether a client with this offset has the message. This gateway must have reached the offset. */
  covers(offset: Offset, entry: Entry): boolean {
    return (offset.over.get(entry.origin) ?? 0) >= entry.number || this.coversInLog(offset, entry);
  }

  /** Whether the message is in the log entries that the offset names. Ignores the numbers per origin in the offset. */
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

  /** Whether no entry in memory belongs to another era than the offset. */
  isOneEra({ era }: Offset): boolean {
    const oldest = this.ring.oldest;
    return era === this.#era && (oldest === undefined || oldest.era === era || oldest.era === 0);
  }

  /** Eras that are not known any more came before all known eras. */
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

  /** The first entries of a log belong to the era before it. */
  #eraAt(s: number): number {
    const { start } = this.#eras.get(this.#era)!;
    return s <= start.boundary && this.#eras.has(start.previous) ? start.previous : this.#era;
  }

  /** The oldest entry that is in no log. */
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

  /** Stores the log position of a message that was delivered before. */
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

/** The first element of an ascending list whose number is at least this number. */
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
