import type { Logger } from "pino";
import { EncodedEvent } from "../broadcast/encoded-event.ts";
import type { RedisTarget } from "../redis/redis-address.ts";
import { ClientsAhead } from "./clients-ahead.ts";
import { Delivered } from "./delivered.ts";
import type { DirectPublisher } from "./direct/direct-publisher.ts";
import { LogFollower, type FollowerObserver } from "./log-follower.ts";
import { EVERYWHERE, isRepeated, type Entry, type Message } from "./message-ring.ts";
import type { Published } from "./redis/log-entries.ts";
import { RecoveryLink } from "./redis/recovery-link.ts";
import { RedisLog } from "./redis/redis-log.ts";

/**
 * How long a client can miss messages before it disconnects: a stock client detects a dead connection only after ping
 * interval and ping timeout.
 */
const UNNOTICED_MS = 45_000;
/** A message that Redis has not confirmed within this time counts as not stored. */
const STORED_WITHIN_MS = 1_000;
/** When recovery is turned off, its connection to Redis is closed after this time at the latest. */
const LEAVE_WITHIN_MS = 2_000;
const TICK_MS = 1_000;
const READY_WITHOUT_LOG_MS = 5_000;
/** A message with a longer text is delivered, but not stored for recovery. */
const MOST_TEXT_LENGTH = 1024 * 1024;

export interface GatewayLogOptions {
  origin: string;
  /** The Redis with the log. Undefined if this gateway has no Redis. */
  target: RedisTarget | undefined;
  prefix: string;
  lateChannel: string;
  windowMs: () => number;
  maxBytes: number;
  /** Publishes this gateway's messages while the log cannot be used. */
  direct: DirectPublisher;
  /** Delivers an event to the clients of this gateway. The event has no offset yet. */
  deliver: (event: EncodedEvent) => void;
  /** Called when Redis could lack sessions: after each connect, and after Redis has begun a new log. */
  onUp: () => void;
  observer: FollowerObserver;
  logger: Logger;
  nowMs: () => number;
  random: () => number;
}

/**
 * The numbered messages of this gateway and of the other gateways. They are stored for clients that disconnect and
 * return.
 */
export class GatewayLog {
  readonly delivered: Delivered;
  readonly ahead: ClientsAhead;
  /** The connection to the Redis with the log. Undefined if this gateway has no Redis. */
  readonly link: RecoveryLink | undefined;
  readonly #follower: LogFollower<Published> | undefined;
  readonly #nowMs: () => number;
  readonly #startedAtMs: number;
  readonly #windowMs: () => number;
  readonly #deliver: (event: EncodedEvent) => void;
  readonly #timer: NodeJS.Timeout;
  #newest: Entry | undefined;

  constructor(options: GatewayLogOptions) {
    const { origin, target, prefix, lateChannel, windowMs, maxBytes, direct, observer, logger, nowMs, random } =
      options;
    const maxAgeMs = (): number => windowMs() + UNNOTICED_MS;
    this.#nowMs = nowMs;
    this.#startedAtMs = nowMs();
    this.#windowMs = windowMs;
    this.#deliver = options.deliver;
    this.delivered = new Delivered(origin, { maxBytes, maxAgeMs: maxAgeMs() }, () => observer.lost(1));
    this.ahead = new ClientsAhead(this.delivered);
    if (target === undefined) {
      const era = Math.floor(nowMs() / 16);
      this.delivered.begin({ era, previous: 0, boundary: 0, at: new Map() }, 0);
    } else {
      const onUp = (): void => {
        port.connected();
        this.#follower!.up();
        options.onUp();
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
        onMalformed: () => observer.malformed(),
      });
      const position = () => {
        const { era, s } = this.delivered;
        return { era, s, isWhole: this.#follower?.isWhole === true };
      };
      const { onUp: onNewEra } = options;
      const port = new RedisLog({ link: this.link, maxBytes, maxAgeMs, position, lateChannel, onNewEra });
      this.#follower = new LogFollower<Published>({
        delivered: this.delivered,
        ...{ port, observer },
        deliver: (entry) => this.#deliverEntry(entry),
        publishDirectly: (entry) => direct.publish(entry),
      });
    }
    this.#timer = setInterval(() => {
      this.delivered.ring.setMaxAge(maxAgeMs());
      this.delivered.ring.evict(nowMs());
      this.#follower?.tick();
      if (this.#follower?.isAttached === true) direct.forget();
      else void direct.retry();
      this.ahead.sweep();
    }, TICK_MS);
    this.#timer.unref();
  }

  /** The offset of all clients of this gateway, as text. It is appended to each event for a client. */
  get offsetText(): string {
    return this.delivered.offsetText;
  }

  /**
   * Whether the log has been read to its end, so that clients that were connected to other gateways can be recovered.
   */
  get isWhole(): boolean {
    return this.#follower?.isWhole ?? true;
  }

  /**
   * A new gateway is not ready before it has read the log. If Redis cannot be used, it becomes ready without the log
   * after some time; clients that return to it are not recovered then.
   */
  get isReady(): boolean {
    return this.isWhole || this.#nowMs() - this.#startedAtMs > READY_WITHOUT_LOG_MS;
  }

  /** Why the log in Redis cannot be used. Undefined while it can be used, and before the first failure. */
  get problem(): string | undefined {
    return this.link?.refusal ?? (this.#follower?.isAttached === false ? this.link?.reason : undefined);
  }

  /**
   * For how many seconds a client can be disconnected and still get all messages that it missed. At most the configured
   * window. 0 while the log cannot be used: other gateways then have neither the session nor the messages.
   */
  get windowSeconds(): number {
    if (this.problem !== undefined) return 0;
    const { missingAtMs = -Infinity } = this.delivered.ring;
    return Math.max(0, Math.min(this.#windowMs(), this.#nowMs() - missingAtMs)) / 1_000;
  }

  nowMs(): number {
    return this.#nowMs();
  }

  /**
   * Gives an event of this gateway its number in the log. From now on, all clients of this gateway count as having it.
   * `id`: set for a message that was sent with an idempotency key.
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
   * Uses a number for an empty log entry. Redis stores it after everything that this gateway has written before. So
   * when another gateway has reached the offset after this entry, Redis has all of that too.
   */
  numberNothing(namespace: string, socketId: string): void {
    const message = { namespace, rooms: [socketId], except: [], text: undefined, atMs: this.#nowMs() };
    this.#follower?.append(this.delivered.publish(message));
  }

  /**
   * Appends an event to the log. Returns false while the log cannot be used. Then the event must be published without
   * the log, and is appended later.
   */
  append(entry: Entry, published?: Published): boolean {
    return this.#follower?.append(entry, published) ?? false;
  }

  heard(era: number, s: number, message: Message): void {
    if (s === 0) this.#follower?.heardDirect(message);
    else this.#follower?.heard(era, s, message);
  }

  /**
   * Appends a message without receivers. Offsets before it are too old for recovery, because earlier messages are
   * possibly in no log.
   */
  appendBarrier(): void {
    const entry = this.delivered.publish({
      ...{ namespace: EVERYWHERE, rooms: [], except: [], text: undefined },
      atMs: this.#nowMs(),
    });
    this.#follower?.append(entry);
  }

  /**
   * Resolves to whether Redis has stored the newest message of this gateway. Must be called before the next message is
   * sent.
   */
  newestStored(): Promise<boolean> {
    return this.#stored(this.#newest);
  }

  /** Whether this gateway has delivered a message with this id. */
  has(id: string): boolean {
    return this.delivered.ring.withId(id) !== undefined;
  }

  /** Resolves to whether Redis has stored a message with this id. */
  isStored(id: string): Promise<boolean> {
    const entry = this.delivered.ring.withId(id);
    const own = entry?.copies?.find(({ origin }) => origin === this.delivered.origin);
    return this.#stored(entry?.s === 0 && own !== undefined ? own : entry);
  }

  #stored(entry: Entry | undefined): Promise<boolean> {
    // Redis stores only the position of a message without a text. So the message itself is not stored.
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

  /** Delivers the messages that wait for earlier ones. The missing earlier ones are skipped. */
  giveUpGaps(): void {
    this.#follower?.giveUpGaps();
  }

  /**
   * Ends the use of the log, because recovery is turned off. Redis deletes the log a minute after the last gateway has
   * called this.
   */
  leave(): void {
    clearInterval(this.#timer);
    this.#follower?.down();
    if (this.link === undefined) return;
    const timer = setTimeout(() => this.close(), LEAVE_WITHIN_MS);
    timer.unref();
    this.link.run(
      "expireLog",
      [],
      (reply) => reply,
      () => this.close(),
    );
  }

  close(): void {
    clearInterval(this.#timer);
    this.link?.close();
  }

  #deliverEntry(entry: Entry): void {
    const { namespace, text, rooms, except } = entry;
    if (text === undefined || isRepeated(entry)) return;
    const audience = { rooms: new Set(rooms), except: new Set([...except, ...this.ahead.having(entry)]) };
    this.#deliver(new EncodedEvent({ namespace, text, audience, flags: {} }));
  }
}
