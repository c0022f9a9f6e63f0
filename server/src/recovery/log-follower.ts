// Keeps this gateway and the log in agreement. LogFollower reads the log entries that this gateway lacks, and delivers
// them in the order of the log. LogAppender appends the messages that the log lacks. Both reach the log only through
// `LogPort`, which is Redis or, in tests, a simulation.
import type { Delivered } from "./delivered.ts";
import type { Receipt } from "./era.ts";
import { HeldMessages } from "./direct/held-messages.ts";
import { LogAppender } from "./log-appender.ts";
import type { LogEntry, LogInfo, LogPort } from "./log-port.ts";
import type { Entry, Message } from "./message-ring.ts";

export interface FollowerObserver {
  /** Called with the number of other gateways' messages that this gateway did not get and can no longer read. */
  lost(messages: number): void;
  /** Called with the number of log entries that Pub/Sub did not deliver and that were read from the log. */
  gap(filled: number): void;
  /** Called when an answer of Redis or an entry of the log cannot be parsed. */
  malformed(): void;
}

export interface FollowerOptions<P> {
  delivered: Delivered;
  port: LogPort<P>;
  /** Delivers an entry to the clients of this gateway. */
  deliver: (entry: Entry) => void;
  /** Publishes a message of this gateway without the log. */
  publishDirectly: (entry: Entry) => void;
  observer: FollowerObserver;
}

/**
 * Maximum number of entries that wait for an earlier one. At the maximum they are dropped and read again from the log.
 */
const MOST_EARLY = 10_000;

export class LogFollower<P = unknown> {
  readonly #delivered: Delivered;
  readonly #port: LogPort<P>;
  readonly #deliver: (entry: Entry) => void;
  readonly #observer: FollowerObserver;
  readonly #appender: LogAppender<P>;
  readonly #early = new Map<number, Message>();
  readonly #held = new HeldMessages();
  /** The era that this gateway enters when it has read the log up to the era's boundary. */
  #next: { info: LogInfo; s: number; isSameLog: boolean } | undefined;
  #isUp = false;
  #isBusy = false;
  /** True if another attach was requested while one was running. */
  #isStale = false;
  #isWhole = false;
  #reader = 0;
  #whenWhole: (() => void)[] = [];

  constructor({ delivered, port, deliver, publishDirectly, observer }: FollowerOptions<P>) {
    this.#delivered = delivered;
    this.#port = port;
    this.#appender = new LogAppender(delivered, port, publishDirectly);
    this.#deliver = deliver;
    this.#observer = observer;
  }

  get isWhole(): boolean {
    return this.#isWhole;
  }

  /** Whether the log accepts messages now. */
  get isAttached(): boolean {
    return this.#appender.isAttached;
  }

  /** Calls back when the log has been read to its end for the first time. */
  whenWhole(then: () => void): void {
    if (this.#isWhole) then();
    else this.#whenWhole.push(then);
  }

  /** Begins to follow the log, because there is a connection to its Redis. */
  up(): void {
    this.#isUp = true;
    this.#attach();
  }

  down(): void {
    this.#isUp = false;
    this.#isBusy = false;
    this.#reader += 1;
    this.#appender.down();
  }

  /**
   * Looks for missing entries, and for messages that have waited too long. Must be called every second, because
   * possibly no newer message shows that there is a gap.
   */
  tick(): void {
    this.#skipMissing(this.#held.takeOverdue());
    if (!this.#isUp) return;
    this.#attach();
    if (this.isAttached) this.#appender.appendForOthers();
  }

  /**
   * Appends an own message that the clients of this gateway already have. Returns false while the log cannot be used;
   * the message is then appended later.
   */
  append(entry: Entry, published?: P): boolean {
    return this.#appender.append(entry, published);
  }

  /** Calls back once with whether the log has this own message. While the log cannot be used, calls back at once. */
  whenStored(entry: Entry, settled: (isStored: boolean) => void): void {
    this.#appender.whenStored(entry, settled);
  }

  /** Handles a log entry that arrived by Pub/Sub. */
  heard(era: number, s: number, message: Message): void {
    if (era === this.#next?.info.era) return;
    if (era !== this.#delivered.era) return this.#attach();
    if (s <= this.#delivered.s) return;
    if (s === this.#delivered.s + 1) {
      this.#take(s, message);
      return this.#drain();
    }
    if (this.#early.size >= MOST_EARLY) this.#early.clear();
    this.#early.set(s, message);
    this.#read();
  }

  /** Delivers the messages that wait for earlier ones. The missing earlier ones are skipped. */
  giveUpGaps(): void {
    const early = [...this.#early].sort(([a], [b]) => a - b);
    this.#early.clear();
    for (const [s, message] of early) {
      this.#delivered.skipTo(s - 1);
      this.#take(s, message);
    }
    this.#skipMissing(this.#held.takeAll());
  }

  /** Handles a message that was published without the log. */
  heardDirect(message: Message): void {
    const receipt = this.#delivered.receiveDirect(message);
    if (receipt.status === "new") {
      this.#deliver(receipt.entry);
      this.#deliverHeld(message.origin);
    } else if (receipt.status === "ahead") {
      this.#held.hold(message);
      if (this.#held.isFull) this.#skipMissing(this.#held.takeOverdue());
    }
  }

  /** Delivers waiting messages of this origin as long as no number is missing. */
  #deliverHeld(origin: string): void {
    for (;;) {
      const message = this.#held.takeNext(origin, this.#delivered.seenOf(origin));
      const receipt = message === undefined ? undefined : this.#delivered.receiveDirect(message);
      if (receipt?.status !== "new") return;
      this.#deliver(receipt.entry);
    }
  }

  /**
   * Delivers these messages although earlier ones of the same origin are missing. Otherwise all later ones would have
   * to wait too.
   */
  #skipMissing(messages: readonly Message[]): void {
    for (const message of messages) {
      const { origin, number } = message;
      const missing = number - this.#delivered.seenOf(origin) - 1;
      if (missing < 0) continue;
      // Nothing is lost before the log has been read for the first time: the first message of another gateway can have
      // any number.
      if (missing > 0 && this.#isWhole) this.#observer.lost(missing);
      if (missing > 0) this.#markMissing(message);
      this.#deliver(this.#delivered.receiveBeyond(message));
      this.#deliverHeld(origin);
    }
  }

  /**
   * Makes all present offsets too old for recovery, by an empty message of this gateway. It is unknown whether clients
   * with these offsets have the missing messages.
   */
  #markMissing({ namespace, atMs }: Message): void {
    const mark = this.#delivered.publish({ namespace, rooms: [], except: [], text: undefined, atMs });
    this.#delivered.ring.raiseFloor(mark);
    this.append(mark);
  }

  #attach(): void {
    if (!this.#isUp) return;
    if (this.#isBusy) return void (this.#isStale = true);
    this.#isStale = false;
    this.#isBusy = true;
    const reader = (this.#reader += 1);
    this.#port.attach((info) => {
      if (reader !== this.#reader) return;
      this.#isBusy = false;
      if (info === undefined) return;
      this.#enter(info);
      if (!this.isAttached) this.#appender.resume(info.numbers.get(this.#delivered.origin) ?? 0);
      if (this.#position() < info.last) this.#read(info);
      else this.#wholeAt(info);
      if (this.#isStale) this.#attach();
    });
  }

  #enter(info: LogInfo): void {
    const delivered = this.#delivered;
    if (this.#next?.info.era === info.era) return;
    this.#next = undefined;
    if (delivered.era === 0) {
      delivered.begin(info, info.first - 1);
      if (info.first > 1) this.#delivered.raiseFloor(info.first - 1);
    } else if (info.era !== delivered.era) {
      const isSameLog = info.previous === delivered.era;
      const s = Math.max(isSameLog ? delivered.s : 0, info.first - 1);
      this.#next = { info, s, isSameLog: isSameLog && s === delivered.s };
      this.#early.clear();
      // `resume` appends the messages that the new log lacks.
      this.#appender.detach();
      this.#enterNext();
    } else if (delivered.s < info.first - 1) delivered.skipTo(info.first - 1);
  }

  /** Enters the new era when everything before its boundary has been delivered. */
  #enterNext(): void {
    const next = this.#next;
    if (next === undefined || next.s < next.info.boundary) return;
    this.#next = undefined;
    this.#delivered.enterEra(next.info, next.isSameLog ? next.info.boundary : next.s);
  }

  #wholeAt(info: LogInfo): void {
    if (this.#delivered.era !== info.era || this.#delivered.s < info.last) return;
    const skipped = this.#delivered.adopt(info.numbers);
    if (this.#isWhole) {
      if (skipped > 0) {
        this.#observer.lost(skipped);
        this.#delivered.raiseFloor(this.#delivered.s);
      }
      return;
    }
    this.#isWhole = true;
    for (const then of this.#whenWhole.splice(0)) then();
  }

  #read(info?: LogInfo): void {
    if (!this.#isUp || this.#isBusy) return;
    this.#isBusy = true;
    const reader = (this.#reader += 1);
    const era = this.#next?.info.era ?? this.#delivered.era;
    this.#port.read(era, this.#position() + 1, (page) => {
      if (reader !== this.#reader) return;
      this.#isBusy = false;
      if (page === undefined) return;
      const filled = this.#takePage(page);
      if (this.#isWhole && filled > 0) this.#observer.gap(filled);
      this.#drain();
      const isBehind = info !== undefined && this.#position() < info.last;
      if (filled > 0 && (this.#early.size > 0 || isBehind)) this.#read(info);
      else if (info !== undefined) this.#wholeAt(info);
      if (this.#isStale) this.#attach();
    });
  }

  /** Handles the entries of a page that directly follow the part of the log that was read. Returns their number. */
  #takePage(page: readonly LogEntry[]): number {
    const before = this.#position();
    for (const { s, message } of page) {
      if (s !== this.#position() + 1) continue;
      if (message === undefined) this.#skip(s);
      else this.#takeRead(s, message);
    }
    return this.#position() - before;
  }

  /** The position up to which the log has been read. */
  #position(): number {
    return this.#next?.s ?? this.#delivered.s;
  }

  /** Skips an entry that cannot be parsed. It is unknown for which rooms it was, so it counts as lost for all rooms. */
  #skip(s: number): void {
    this.#observer.malformed();
    const next = this.#next;
    if (next === undefined || next.isSameLog) this.#delivered.skipTo(s);
    if (next !== undefined) next.s = s;
    this.#delivered.raiseFloor(s, next?.info.era);
    this.#enterNext();
  }

  #takeRead(s: number, message: Message): void {
    const next = this.#next;
    if (next === undefined) return this.#take(s, message);
    next.s = s;
    const { era } = next.info;
    if (next.isSameLog) this.#take(s, message);
    else this.#took(s, message, this.#delivered.absorb(era, s, message));
    this.#enterNext();
  }

  #drain(): void {
    for (const [s] of this.#early) if (s <= this.#delivered.s) this.#early.delete(s);
    for (let s = this.#delivered.s + 1; this.#early.size > 0; s += 1) {
      const message = this.#early.get(s);
      if (message === undefined) return;
      this.#early.delete(s);
      this.#take(s, message);
    }
  }

  #take(s: number, message: Message): void {
    this.#took(s, message, this.#delivered.receive(s, message, !this.#isWhole));
  }

  #took(s: number, message: Message, receipt: Receipt): void {
    if (message.origin === this.#delivered.origin) this.#appender.settle(message.number);
    if (receipt.status !== "new") return;
    if (receipt.lost > 0) {
      this.#observer.lost(receipt.lost);
      this.#delivered.raiseFloor(s);
    }
    this.#deliver(receipt.entry);
    this.#deliverHeld(message.origin);
  }
}
