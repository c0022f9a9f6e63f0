import type { Logger } from "pino";
import { EncodedEvent } from "../broadcast/encoded-event.ts";
import type { RedisTarget } from "../redis/redis-address.ts";
import { ClientsAhead } from "./clients-ahead.ts";
import { Delivered } from "./delivered.ts";
import { LogFollower, type FollowerObserver } from "./log-follower.ts";
import { isRepeated, type Entry, type Message } from "./message-ring.ts";
import { parseLate, type Published } from "./redis/log-entries.ts";
import { RecoveryLink } from "./redis/recovery-link.ts";
import { RedisLog } from "./redis/redis-log.ts";

/**
 * A stock client notices a dead connection only after its ping interval plus timeout. Until then it may miss messages.
 */
const UNNOTICED_MS = 45_000;
/** A message without an answer from Redis after this time counts as not stored. */
const STORED_WITHIN_MS = 1_000;
const TICK_MS = 1_000;
const READY_WITHOUT_LOG_MS = 5_000;
/** Longer texts are delivered and not kept. */
const MOST_TEXT_LENGTH = 1024 * 1024;
/** Hash of the pid, generation, owner. */
const CLAIM = /^([\w-]{1,64}) (\d{1,15}) ([a-z0-9]{1,16})$/;

export interface GatewayLogOptions {
  origin: string;
  /** Undefined when this gateway runs alone, without Redis. */
  target: RedisTarget | undefined;
  prefix: string;
  windowMs: () => number;
  maxBytes: number;
  observer: FollowerObserver;
  logger: Logger;
  nowMs: () => number;
  random: () => number;
}

/** The numbered messages of this gateway and of other gateways, kept for clients that return. */
export class GatewayLog {
  readonly delivered: Delivered;
  readonly ahead: ClientsAhead;
  /** Undefined when this gateway runs alone, without Redis. */
  readonly link: RecoveryLink | undefined;
  /** Channel of messages that older gateways may have received already. */
  readonly lateChannel: string;
  /** Channel that announces claimed sessions: hash, generation, owner. */
  readonly claimsChannel: string;
  readonly #follower: LogFollower<Published> | undefined;
  readonly #nowMs: () => number;
  readonly #startedAtMs: number;
  readonly #windowMs: () => number;
  readonly #onMalformed: () => void;
  readonly #receivers = new Map<string, (event: EncodedEvent) => void>();
  readonly #claimListeners: ((hash: string, generation: number, owner: string) => void)[] = [];
  readonly #upListeners: (() => void)[] = [];
  readonly #timer: NodeJS.Timeout;
  #newest: Entry | undefined;

  constructor(options: GatewayLogOptions) {
    const { origin, target, prefix, windowMs, maxBytes, observer, logger, nowMs, random } = options;
    const maxAgeMs = (): number => windowMs() + UNNOTICED_MS;
    this.#nowMs = nowMs;
    this.#startedAtMs = nowMs();
    this.#windowMs = windowMs;
    this.#onMalformed = () => observer.malformed();
    this.lateChannel = `${prefix}:{${prefix}}:late`;
    this.claimsChannel = `${prefix}:{${prefix}}:claims`;
    this.delivered = new Delivered(origin, { maxBytes, maxAgeMs: maxAgeMs() }, () => observer.lost(1));
    this.ahead = new ClientsAhead(this.delivered);
    if (target === undefined) {
      const era = Math.floor(nowMs() / 16);
      this.delivered.begin({ era, previous: 0, boundary: 0, at: new Map() }, 0);
    } else {
      const onUp = (): void => {
        this.#follower!.up();
        for (const listener of this.#upListeners) listener();
      };
      const onDown = (): void => this.#follower?.down();
      this.link = new RecoveryLink({
        target,
        prefix,
        logger,
        nowMs,
        random,
        onUp,
        onDown,
        onMalformed: this.#onMalformed,
      });
      const position = () => {
        const { era, s } = this.delivered;
        return { era, s, isWhole: this.#follower?.isWhole === true };
      };
      const port = new RedisLog({ link: this.link, maxBytes, maxAgeMs, position, lateChannel: this.lateChannel });
      this.#follower = new LogFollower<Published>({
        delivered: this.delivered,
        ...{ port, observer },
        deliver: (entry) => this.#deliver(entry),
      });
    }
    this.#timer = setInterval(() => {
      this.delivered.ring.setMaxAge(maxAgeMs());
      this.delivered.ring.evict(nowMs());
      this.#follower?.tick();
      this.ahead.sweep();
    }, TICK_MS);
    this.#timer.unref();
  }

  /** The offset of every client of this gateway. It is appended to each event for a client. */
  get offsetText(): string {
    return this.delivered.offsetText;
  }

  /** Whether the log has been read, so that clients of other gateways can be recovered. */
  get isWhole(): boolean {
    return this.#follower?.isWhole ?? true;
  }

  /**
   * A new gateway waits for the log before it takes clients. If Redis cannot be used, it goes on without the log after
   * a while: clients that return to it are then not recovered.
   */
  get isReady(): boolean {
    return this.isWhole || this.#nowMs() - this.#startedAtMs > READY_WITHOUT_LOG_MS;
  }

  /** How far back messages are held, up to what is promised. */
  get windowSeconds(): number {
    const { ring } = this.delivered;
    const floor = ring.hasEvicted ? this.#nowMs() - (ring.oldest?.atMs ?? this.#nowMs()) : Infinity;
    return Math.min(this.#windowMs(), floor) / 1_000;
  }

  nowMs(): number {
    return this.#nowMs();
  }

  onUp(listener: () => void): void {
    this.#upListeners.push(listener);
  }

  onClaimed(listener: (hash: string, generation: number, owner: string) => void): void {
    this.#claimListeners.push(listener);
  }

  heardClaim(message: Buffer): void {
    const [, hash, generation, owner] = CLAIM.exec(message.toString("latin1")) ?? [];
    if (hash === undefined || owner === undefined) return this.#onMalformed();
    for (const listener of this.#claimListeners) listener(hash, Number(generation), owner);
  }

  /** Sets the receiver for messages of other gateways, which come without an offset. */
  receiveInto(namespace: string, receive: (event: EncodedEvent) => void): void {
    this.#receivers.set(namespace, receive);
  }

  /**
   * Assigns a number to an event of this gateway, whose members have it from now on. `id`: the id of a message with a
   * key.
   */
  number({ namespace, text, attachments, audience }: EncodedEvent, id?: string): Entry {
    const isKept = attachments.length === 0 && text.length <= MOST_TEXT_LENGTH;
    const entry = this.delivered.publish({
      namespace,
      rooms: [...audience.rooms],
      except: [...audience.except],
      text: isKept ? Buffer.from(text as string) : undefined,
      atMs: this.#nowMs(),
      id,
    });
    if (this.#follower === undefined) this.delivered.receive(this.delivered.s + 1, entry);
    return (this.#newest = entry);
  }

  /**
   * Uses up a number without a message. Another gateway reaches the offset after it only when Redis has everything
   * that this gateway wrote before.
   */
  numberNothing(namespace: string, socketId: string): void {
    const message = { namespace, rooms: [socketId], except: [], text: undefined, atMs: this.#nowMs() };
    this.#follower?.append(this.delivered.publish(message));
  }

  /**
   * Appends an event to the log. Returns false while the log is away: the event is then published without it and
   * appended later.
   */
  append(entry: Entry, published?: Published): boolean {
    return this.#follower?.append(entry, published) ?? false;
  }

  heard(era: number, s: number, message: Message): void {
    if (s === 0) this.#follower?.heardDirect(message);
    else this.#follower?.heard(era, s, message);
  }

  heardLate(bytes: Buffer): void {
    const late = parseLate(bytes);
    if (late === undefined) this.#onMalformed();
    else this.#follower?.heard(late.era, late.s, late.message);
  }

  /** Whether Redis has stored the newest message of this gateway. Call it in the turn in which the message was sent. */
  newestStored(): Promise<boolean> {
    return this.#stored(this.#newest);
  }

  /** Whether this gateway has delivered a message with this id. */
  has(id: string): boolean {
    return this.delivered.ring.withId(id) !== undefined;
  }

  /** Whether Redis has stored a message with this id. */
  isStored(id: string): Promise<boolean> {
    const entry = this.delivered.ring.withId(id);
    const own = entry?.copies?.find(({ origin }) => origin === this.delivered.origin);
    return this.#stored(entry?.s === 0 && own !== undefined ? own : entry);
  }

  #stored(entry: Entry | undefined): Promise<boolean> {
    // For a message without a text, Redis stores only its position.
    if (entry?.text === undefined || this.#follower === undefined) return Promise.resolve(false);
    if (entry.s !== 0 || entry.origin !== this.delivered.origin) return Promise.resolve(entry.s !== 0);
    const { promise, resolve } = Promise.withResolvers<boolean>();
    const timer = setTimeout(() => resolve(false), STORED_WITHIN_MS);
    this.#follower.whenStored(entry, (isStored) => {
      clearTimeout(timer);
      resolve(isStored);
    });
    return promise;
  }

  close(): void {
    clearInterval(this.#timer);
    this.link?.close();
  }

  #deliver(entry: Entry): void {
    const { namespace, text, rooms, except } = entry;
    if (text === undefined || isRepeated(entry)) return;
    const audience = { rooms: new Set(rooms), except: new Set([...except, ...this.ahead.having(entry)]) };
    this.#receivers.get(namespace)?.(new EncodedEvent({ namespace, text, audience, flags: {} }));
  }
}
