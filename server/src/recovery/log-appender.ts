import type { Delivered } from "./delivered.ts";
import type { AppendManner, LogPort } from "./log-port.ts";
import type { Entry } from "./message-ring.ts";

/** When the log lacks messages of another gateway, this gateway waits for this many ticks before it appends them. */
const PATIENT_TICKS = 2;

/**
 * Appends messages to the log: this gateway's own messages, and messages of gateways that have died. While the log
 * cannot be used, own messages are published without the log, in the order of their numbers, and are appended later.
 */
export class LogAppender<P = unknown> {
  readonly #delivered: Delivered;
  readonly #port: LogPort<P>;
  readonly #publishDirectly: (entry: Entry) => void;
  /** Number → own message that was given only to the log for publishing, and that Redis has not confirmed. */
  readonly #unconfirmed = new Map<number, Entry>();
  readonly #stored = new Map<number, (isStored: boolean) => void>();
  /** Origin → number of ticks since the log began to lack messages of this origin. */
  readonly #missing = new Map<string, number>();
  #isAttached = false;
  /** Increases with each connection to a log. Answers to earlier appends are ignored. */
  #attachment = 0;

  constructor(delivered: Delivered, port: LogPort<P>, publishDirectly: (entry: Entry) => void) {
    this.#delivered = delivered;
    this.#port = port;
    this.#publishDirectly = publishDirectly;
  }

  /** Whether the log accepts messages now. */
  get isAttached(): boolean {
    return this.#isAttached;
  }

  /**
   * Stops appending, because the connection to the Redis with the log is lost. Publishes messages that Redis has not
   * confirmed without the log.
   */
  down(): void {
    this.#isAttached = false;
    this.#attachment += 1;
    for (const settle of this.#stored.values()) settle(false);
    this.#stored.clear();
    // Publish these before any later message, because the other gateways deliver in the order of the numbers.
    for (const entry of this.#unconfirmed.values()) this.#publishDirectly(entry);
    this.#unconfirmed.clear();
  }

  /** Stops appending until `resume`, because the gateway changes to another log. */
  detach(): void {
    this.#isAttached = false;
  }

  /** Begins to append, first the own messages that the log lacks. `last`: number of the last own message in the log. */
  resume(last: number): void {
    this.#isAttached = true;
    this.#attachment += 1;
    this.#appendAll(this.#delivered.origin, last);
  }

  /**
   * Appends a message. Returns false while the log cannot be used; `resume` then appends it later. If `published` was
   * passed, the caller must publish the message without the log in this case.
   */
  append(entry: Entry, published?: P): boolean {
    if (!this.#isAttached) {
      if (published === undefined) this.#publishDirectly(entry);
      return false;
    }
    this.#unconfirmed.set(entry.number, entry);
    this.#send(entry, { jump: false, late: false, published });
    return true;
  }

  /** Calls back once with whether the log has this own message. While the log cannot be used, calls back at once. */
  whenStored(entry: Entry, settled: (isStored: boolean) => void): void {
    if (entry.s !== 0 || !this.#isAttached) return settled(entry.s !== 0);
    const before = this.#stored.get(entry.number);
    const both = (isStored: boolean): void => {
      before?.(isStored);
      settled(isStored);
    };
    this.#stored.set(entry.number, before === undefined ? settled : both);
  }

  /** Notes that the log has the own message with this number. */
  settle(number: number): void {
    this.#unconfirmed.delete(number);
    this.#stored.get(number)?.(true);
    this.#stored.delete(number);
  }

  /**
   * Appends messages of origins that have died: messages that this gateway has and the log lacks. Must be called every
   * second.
   */
  appendForOthers(): void {
    for (const origin of this.#missing.keys()) if (!this.#delivered.over.has(origin)) this.#missing.delete(origin);
    for (const origin of this.#delivered.over.keys()) {
      if (origin === this.#delivered.origin) continue;
      const ticks = (this.#missing.get(origin) ?? 0) + 1;
      this.#missing.set(origin, ticks);
      if (ticks <= PATIENT_TICKS) continue;
      const logged = this.#delivered.loggedOf(origin);
      const entries = this.#delivered.ring.of(origin);
      if (firstAfter(entries, logged) === entries.length) this.#delivered.giveUp(origin);
      else this.#appendAll(origin, logged);
    }
  }

  #appendAll(origin: string, last: number): void {
    const entries = this.#delivered.ring.of(origin);
    let previous = last;
    for (let place = firstAfter(entries, last); place < entries.length; place += 1) {
      const entry = entries.at(place)!;
      this.#send(entry, { jump: entry.number !== previous + 1, late: true });
      previous = entry.number;
    }
  }

  #send(entry: Entry, manner: AppendManner<P>): void {
    const attachment = this.#attachment;
    const isOwn = entry.origin === this.#delivered.origin;
    this.#port.append(entry, manner, (answer) => {
      if (answer === undefined || attachment !== this.#attachment || !isOwn) return;
      if (answer.kind !== "gap") return this.settle(entry.number);
      // Redis refuses all later messages too. Append all missing ones now, so the answers to the later ones have no
      // effect.
      this.resume(answer.last);
    });
  }
}

/** The index of the first entry whose number is higher than `number`. */
function firstAfter(entries: { length: number; at(place: number): Entry | undefined }, number: number): number {
  let low = 0;
  let high = entries.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (entries.at(middle)!.number <= number) low = middle + 1;
    else high = middle;
  }
  return low;
}
