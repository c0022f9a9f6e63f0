import type { EncodedEvent } from "../broadcast/encoded-event.ts";
import type { ClientsAhead } from "./clients-ahead.ts";
import type { Delivered } from "./delivered.ts";
import { DirectPublisher } from "./direct/direct-publisher.ts";
import { GatewayLog, type GatewayLogOptions } from "./gateway-log.ts";
import type { Entry, Message } from "./message-ring.ts";
import { parseLate, type Published } from "./redis/log-entries.ts";
import type { RecoveryLink } from "./redis/recovery-link.ts";

export interface RecoveryLogOptions extends Omit<
  GatewayLogOptions,
  "origin" | "deliver" | "direct" | "lateChannel" | "onUp"
> {
  /**
   * Origin of the first log (the name under which this gateway numbers its messages). Each later log has a new origin,
   * because its numbers begin at 1 again.
   */
  origin: string;
  newOrigin: () => string;
}

type ClaimListener = (hash: string, generation: number, owner: string) => void;

/**
 * off: there is no log. opening: the log is being read, and clients get no offsets yet. on: each event for a client has
 * an offset.
 */
type Phase = "off" | "opening" | "on";

/**
 * A gateway that takes over a session writes this text to the log. It has three fields: the hash of the session's pid,
 * the number of times that the session was taken over, and the gateway that owns it now.
 */
const CLAIM = /^([\w-]{1,64}) (\d{1,15}) ([a-z0-9]{1,16})$/;
const OPENING_TICK_MS = 1_000;

/**
 * The message log, which can be turned on and off while clients are connected. While it opens, messages of other
 * gateways are delivered as without a log. It takes over between two messages, so that each is delivered exactly once.
 */
export class RecoveryLog {
  /** Channel for messages that were possibly published before: other gateways must compare them with what they have. */
  readonly lateChannel: string;
  /** Channel on which Redis announces claims of sessions. */
  readonly claimsChannel: string;
  /** Publishes this gateway's messages while the log cannot be used. */
  readonly direct: DirectPublisher;
  readonly #options: RecoveryLogOptions;
  readonly #receivers = new Map<string, (event: EncodedEvent) => void>();
  readonly #claimListeners: ClaimListener[] = [];
  readonly #upListeners: (() => void)[] = [];
  #phase: Phase = "off";
  #log: GatewayLog | undefined;
  #starts = 0;
  #opening: NodeJS.Timeout | undefined;
  /** The newest log entry that arrived by Pub/Sub since the log began to open. */
  #heard: { era: number; s: number } | undefined;
  #isBarrierHeard = false;

  constructor(options: RecoveryLogOptions) {
    const { prefix } = options;
    this.#options = options;
    this.lateChannel = `${prefix}:{${prefix}}:late`;
    this.direct = new DirectPublisher(this.lateChannel);
    this.claimsChannel = `${prefix}:{${prefix}}:claims`;
  }

  get isOn(): boolean {
    return this.#phase === "on";
  }

  /** Whether numbered messages of other gateways must be passed to the log. */
  get isFollowing(): boolean {
    return this.#phase !== "off";
  }

  /** The last argument of each event for a client. Undefined unless recovery is on. */
  get offsetText(): string | undefined {
    return this.isOn ? this.#log!.offsetText : undefined;
  }

  /** What this gateway has delivered to its clients. Throws if recovery is off. */
  get delivered(): Delivered {
    return this.#current().delivered;
  }

  /** Clients whose offset is ahead of this gateway. Throws if recovery is off. */
  get ahead(): ClientsAhead {
    return this.#current().ahead;
  }

  get link(): RecoveryLink | undefined {
    return this.#log?.link;
  }

  /**
   * A new gateway is not ready for clients before it has read the log. If recovery is turned on later, clients do not
   * have to wait.
   */
  get isReady(): boolean {
    return !this.isOn || this.#log!.isReady;
  }

  /**
   * For how many seconds a client can be disconnected and still get all messages that it missed. 0 unless recovery is
   * on.
   */
  get windowSeconds(): number {
    return this.isOn ? this.#log!.windowSeconds : 0;
  }

  /** Why the log in Redis cannot be used. Undefined while it can be used, and while recovery is off. */
  get problem(): string | undefined {
    return this.#phase === "off" ? undefined : this.#log?.problem;
  }

  nowMs(): number {
    return this.#options.nowMs();
  }

  /** Turns recovery on before the first client connects, so every client gets offsets from its first event on. */
  start(): void {
    this.#log = this.#newLog();
    this.#phase = "on";
  }

  /** Turns recovery on while clients are connected. They get offsets as soon as the log has been read. */
  open(): void {
    if (this.#phase !== "off") return;
    this.#log = this.#newLog();
    if (this.#log.link === undefined) return void (this.#phase = "on");
    this.#phase = "opening";
    this.#heard = undefined;
    this.#isBarrierHeard = false;
    this.#opening = setInterval(() => this.#goOnOpening(), OPENING_TICK_MS);
    this.#opening.unref();
  }

  /** Turns recovery off. Returns the log, because its connection must still be closed. */
  turnOff(): GatewayLog | undefined {
    clearInterval(this.#opening);
    const log = this.#log;
    if (this.isOn) log?.giveUpGaps();
    this.#phase = "off";
    this.#log = undefined;
    return log;
  }

  onUp(listener: () => void): void {
    this.#upListeners.push(listener);
  }

  onClaimed(listener: ClaimListener): void {
    this.#claimListeners.push(listener);
  }

  heardClaim(message: Buffer): void {
    const [, hash, generation, owner] = CLAIM.exec(message.toString("latin1")) ?? [];
    if (hash === undefined || owner === undefined) return this.#options.observer.malformed();
    for (const listener of this.#claimListeners) listener(hash, Number(generation), owner);
  }

  /**
   * Sets the function that delivers messages of other gateways to the clients of a namespace. The messages have no
   * offset yet.
   */
  receiveInto(namespace: string, receive: (event: EncodedEvent) => void): void {
    this.#receivers.set(namespace, receive);
  }

  /**
   * Gives an event of this gateway its number. Throws if recovery is off. `id`: set for a message with an idempotency
   * key.
   */
  number(event: EncodedEvent, id?: string): Entry {
    return this.#current().number(event, id);
  }

  /**
   * Appends an empty entry to the log, so that another gateway recovers a client with a later offset only when it has
   * read this entry. Throws if recovery is off.
   */
  numberNothing(namespace: string, socketId: string): void {
    this.#current().numberNothing(namespace, socketId);
  }

  /** Whether this gateway has delivered a message with this id. Throws if recovery is off. */
  has(id: string): boolean {
    return this.#current().has(id);
  }

  /** Resolves to whether Redis has stored a message with this id. Undefined unless recovery is on. */
  isStored(id: string): Promise<boolean> | undefined {
    return this.isOn ? this.#log!.isStored(id) : undefined;
  }

  /**
   * Appends a message to the log. Returns false while the log cannot be used: the caller must publish it without the
   * log, and it is appended later.
   */
  append(entry: Entry, published?: Published): boolean {
    return this.#log?.append(entry, published) ?? false;
  }

  /** Passes a message of another gateway to the log. Returns false if the caller must deliver it as without a log. */
  heard(era: number, s: number, message: Message): boolean {
    this.#log?.heard(era, s, message);
    if (this.isOn) return true;
    if (s !== 0) this.#noteHeard(era, s);
    return false;
  }

  heardLate(bytes: Buffer): void {
    if (this.#log === undefined) return;
    const late = parseLate(bytes);
    if (late === undefined) return this.#options.observer.malformed();
    const { era, s, message } = late;
    this.#log.heard(era, s, message);
    if (s === 0) return;
    if (message.origin === this.#log.delivered.origin) this.#isBarrierHeard = true;
    this.#noteHeard(era, s);
  }

  /**
   * Resolves to whether Redis has stored the newest message of this gateway. Must be called before the next message is
   * sent.
   */
  newestStored(): Promise<boolean> | undefined {
    return this.isOn ? this.#log!.newestStored() : undefined;
  }

  close(): void {
    clearInterval(this.#opening);
    this.#log?.close();
  }

  #current(): GatewayLog {
    if (this.#log === undefined) throw new Error("the recovery log is used while recovery is off");
    return this.#log;
  }

  #newLog(): GatewayLog {
    const origin = this.#starts === 0 ? this.#options.origin : this.#options.newOrigin();
    this.#starts += 1;
    const log: GatewayLog = new GatewayLog({
      ...{ ...this.#options, origin, lateChannel: this.lateChannel, direct: this.direct },
      deliver: (event) => {
        if (this.isOn && this.#log === log) this.#receivers.get(event.namespace)?.(event);
      },
      onUp: () => {
        for (const listener of this.#upListeners) listener();
      },
    });
    return log;
  }

  /**
   * Goes on with opening the log. When the log has been read, appends a barrier: an entry that makes all offsets from
   * before recovery was turned off too old. Recovery is turned on after the barrier has arrived by Pub/Sub.
   */
  #goOnOpening(): void {
    this.#turnOnIfCaughtUp();
    if (this.#phase === "opening" && this.#log!.isWhole) this.#log!.appendBarrier();
  }

  #noteHeard(era: number, s: number): void {
    if (this.#phase !== "opening") return;
    if (this.#heard === undefined || this.#heard.era < era) this.#heard = { era, s };
    else if (this.#heard.era === era) this.#heard.s = Math.max(this.#heard.s, s);
    this.#turnOnIfCaughtUp();
  }

  /**
   * Turns recovery on when this gateway has read the log exactly up to the newest entry that arrived by Pub/Sub.
   * Pub/Sub has the order of the log. So every entry up to this one was delivered without the log, and no later one
   * was.
   */
  #turnOnIfCaughtUp(): void {
    const { era, s } = this.#current().delivered;
    const isCaughtUp = this.#heard?.era === era && this.#heard.s === s;
    if (this.#phase !== "opening" || !this.#isBarrierHeard || !isCaughtUp || !this.#log!.isWhole) return;
    clearInterval(this.#opening);
    this.#phase = "on";
  }
}
