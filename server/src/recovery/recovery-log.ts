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
  /** Origin of the first log. Each later log has a new origin, because its numbers begin at 1 again. */
  origin: string;
  newOrigin: () => string;
}

type ClaimListener = (hash: string, generation: number, owner: string) => void;

/** off: no log. opening: reads the log, and clients get no offsets yet. on: each event to a client has an offset. */
type Phase = "off" | "opening" | "on";

/** A claim of a session: the hash of its pid, its generation, and the gateway that owns it now. */
const CLAIM = /^([\w-]{1,64}) (\d{1,15}) ([a-z0-9]{1,16})$/;
const OPENING_TICK_MS = 1_000;

/**
 * The log, whether recovery is on or off. While it opens, messages of other gateways are delivered as without a log.
 * It takes over between two of them, so that none is delivered twice or never.
 */
export class RecoveryLog {
  /** Channel of messages that older gateways may have received already. */
  readonly lateChannel: string;
  /** Channel that announces claimed sessions: hash, generation, owner. */
  readonly claimsChannel: string;
  /** Publishes own messages while the log is away. */
  readonly direct: DirectPublisher;
  readonly #options: RecoveryLogOptions;
  readonly #receivers = new Map<string, (event: EncodedEvent) => void>();
  readonly #claimListeners: ClaimListener[] = [];
  readonly #upListeners: (() => void)[] = [];
  #phase: Phase = "off";
  #log: GatewayLog | undefined;
  #starts = 0;
  #opening: NodeJS.Timeout | undefined;
  /** The newest entry that Pub/Sub has brought while the log is opening. */
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

  /** Whether numbered messages of other gateways go into the log. */
  get isFollowing(): boolean {
    return this.#phase !== "off";
  }

  /** The last argument of each event to a client; undefined while recovery is not on. */
  get offsetText(): string | undefined {
    return this.isOn ? this.#log!.offsetText : undefined;
  }

  /** Only while recovery is on. */
  get delivered(): Delivered {
    return this.#current().delivered;
  }

  /** Only while recovery is on. */
  get ahead(): ClientsAhead {
    return this.#current().ahead;
  }

  get link(): RecoveryLink | undefined {
    return this.#log?.link;
  }

  /** A new gateway waits for the log before it takes clients. A log that opens later does not make clients wait. */
  get isReady(): boolean {
    return !this.isOn || this.#log!.isReady;
  }

  /** The longest absence after which a client has missed nothing that is not here; 0 while recovery is not on. */
  get windowSeconds(): number {
    return this.isOn ? this.#log!.windowSeconds : 0;
  }

  nowMs(): number {
    return this.#options.nowMs();
  }

  /** Call before the first client connects. Every client gets offsets from its first event on. */
  start(): void {
    this.#log = this.#newLog();
    this.#phase = "on";
  }

  /** Turns recovery on while clients are connected. They get offsets once the log has been read. */
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

  /** Turns recovery off. Returns the log, whose connection is still open. */
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

  /** Sets the receiver for messages of other gateways, which come without an offset. */
  receiveInto(namespace: string, receive: (event: EncodedEvent) => void): void {
    this.#receivers.set(namespace, receive);
  }

  /** Only while recovery is on. `id`: the id of a message with a key. */
  number(event: EncodedEvent, id?: string): Entry {
    return this.#current().number(event, id);
  }

  /** Only while recovery is on: other gateways recover no client with a later offset before they have this entry. */
  numberNothing(namespace: string, socketId: string): void {
    this.#current().numberNothing(namespace, socketId);
  }

  /** Whether a message with this id has been sent. Only while recovery is on. */
  has(id: string): boolean {
    return this.#current().has(id);
  }

  /** Whether a message with this id is in Redis; undefined while recovery is not on. */
  isStored(id: string): Promise<boolean> | undefined {
    return this.isOn ? this.#log!.isStored(id) : undefined;
  }

  /** False where the log is away: the message goes another way now, and into the log later. */
  append(entry: Entry, published?: Published): boolean {
    return this.#log?.append(entry, published) ?? false;
  }

  /** Returns false when the caller must deliver the message, as without a log. */
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

  /** Whether the newest message of this gateway is in Redis, asked in the turn in which it was sent. */
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

  /** The barrier makes offsets from before recovery was off too old. Every new offset is after it. */
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
   * Pub/Sub is in the log's order. When the log has been read exactly up to the newest entry heard, everything before
   * has been delivered, and nothing after.
   */
  #turnOnIfCaughtUp(): void {
    const { era, s } = this.#current().delivered;
    const isCaughtUp = this.#heard?.era === era && this.#heard.s === s;
    if (this.#phase !== "opening" || !this.#isBarrierHeard || !isCaughtUp || !this.#log!.isWhole) return;
    clearInterval(this.#opening);
    this.#phase = "on";
  }
}
