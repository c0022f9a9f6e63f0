import type { Socket } from "socket.io";
import type { Identity } from "../auth/identity.ts";
import type { EngineSocket } from "../internals/engine-io.ts";
import type { RateAnswer } from "../ledger/ledger.ts";
import { closeReasons, type CloseReason } from "../protocol/close-reasons.ts";
import type { Refusal } from "../protocol/refusals.ts";

/** The time from the connection to its first namespace: stock clients fetch their token in it. */
export const ENTER_WITHIN_MS = 30_000;
/** How long a connection may be in no namespace after a refusal, or after leaving its last one. */
export const EMPTY_MS = 5_000;

export interface ConnectionOptions {
  engine: EngineSocket;
  address: string;
  openedAtMs: number;
  /**
   * Called whenever the gateway closes the connection. Called a second time when the connection does not close in time
   * and is terminated.
   */
  onClose: (reason: CloseReason) => void;
  /** Called when `dueAtMs` may have become earlier. */
  onDue: (connection: Connection) => void;
}

/**
 * One client and its engine.io connection. It belongs to one user and holds one seat, in however many namespaces it is.
 */
export class Connection {
  readonly engine: EngineSocket;
  readonly address: string;
  readonly sockets = new Set<Socket>();
  identity: Identity | undefined;
  /** The ledger's answer for the address. Asked once per connection, for all its namespaces. */
  addressAnswer: RateAnswer | Promise<RateAnswer> | undefined;
  /** Set while the ledger is asked for a seat. */
  seating: Promise<Refusal | undefined> | undefined;
  seat: { socketId: string; userId: string } | undefined;
  /** When to send the notice that the token will expire. Infinity once it was sent. */
  expiryNoticeAtMs = Infinity;
  seatedAtMs: number | undefined;
  /** Set when the client had a session before. */
  returnedAtMs: number | undefined;
  /** Whether the client can recover what it misses while it reconnects. */
  isRecoverable = false;
  /** The reason given to the first `close` call. */
  closeReason: CloseReason | undefined;
  /** When the watchdog cuts a closing connection. The watchdog sets it when it first finds the connection closing. */
  closingUntilMs: number | undefined;
  /** The time for which the watchdog has scheduled its next check, and the place in its queue (-1: none). */
  scheduledAtMs = Infinity;
  queueIndex = -1;
  /** Events refused for their rate since the last allowed one. */
  refusedInARow = 0;
  readonly #onClose: (reason: CloseReason) => void;
  readonly #onDue: (connection: Connection) => void;
  #emptyUntilMs: number;
  #refusedUntilMs: number | undefined;
  #holds = 0;
  /** Namespaces whose CONNECT has not been answered yet; undefined while there is none. */
  #entering: Set<string> | undefined;

  constructor({ engine, address, openedAtMs, onClose, onDue }: ConnectionOptions) {
    this.engine = engine;
    this.address = address;
    this.#emptyUntilMs = openedAtMs + ENTER_WITHIN_MS;
    this.#onClose = onClose;
    this.#onDue = onDue;
  }

  /** When to close the connection because it is in no namespace. */
  get emptyUntilMs(): number {
    return this.#emptyUntilMs;
  }

  set emptyUntilMs(untilMs: number) {
    this.#emptyUntilMs = untilMs;
    this.#onDue(this);
  }

  /** Set after a refusal with a temporary cause. The watchdog closes the connection at this time. */
  get refusedUntilMs(): number | undefined {
    return this.#refusedUntilMs;
  }

  set refusedUntilMs(untilMs: number | undefined) {
    this.#refusedUntilMs = untilMs;
    this.#onDue(this);
  }

  /** When the watchdog must check this connection next. */
  get dueAtMs(): number {
    if (this.isClosing) return this.closingUntilMs ?? -Infinity;
    if (this.sockets.size === 0) return Math.min(this.#emptyUntilMs, this.#refusedUntilMs ?? Infinity);
    return Math.min(this.expiryNoticeAtMs, this.identity?.expiresAtMs ?? Infinity);
  }

  /** True when the connection has a seat and its first session has started. */
  get isSeated(): boolean {
    return this.seatedAtMs !== undefined;
  }

  get isClosing(): boolean {
    return this.closeReason !== undefined;
  }

  /** True while the gateway does not read from this connection. */
  get isHeld(): boolean {
    return this.#holds > 0;
  }

  /** Sets the identity. The expiry notice is due a minute before the token expires, or half-way for a short token. */
  identify(identity: Identity, nowMs: number): void {
    this.identity = identity;
    this.expiryNoticeAtMs = identity.expiresAtMs - Math.min(60_000, (identity.expiresAtMs - nowMs) / 2);
    if (Number.isNaN(this.expiryNoticeAtMs)) this.expiryNoticeAtMs = Infinity;
    this.#onDue(this);
  }

  /**
   * Returns false while a CONNECT for this namespace is still unanswered, because Socket.IO would create a second
   * socket.
   */
  beginsToEnter(namespace: string): boolean {
    if (this.#entering?.has(namespace) === true) return false;
    (this.#entering ??= new Set()).add(namespace);
    return true;
  }

  /** Call when the CONNECT for this namespace has been answered. */
  endsToEnter(namespace: string): void {
    this.#entering?.delete(namespace);
    if (this.#entering?.size === 0) this.#entering = undefined;
  }

  /** Stops reading from the client until every hold has been released. */
  hold(): void {
    this.#holds += 1;
    if (this.#holds === 1) this.engine.transport.socket?.pause();
  }

  releaseHold(): void {
    this.#holds -= 1;
    if (this.#holds === 0 && !this.isClosing) this.engine.transport.socket?.resume();
  }

  /**
   * Closes the engine.io connection in the way that close-reasons.ts defines for the reason. Stock clients then
   * reconnect.
   */
  close(reason: CloseReason): void {
    const isCut = closeReasons[reason].socket === "cut";
    if (this.isClosing && !isCut) return;
    this.#onClose(reason);
    this.closeReason ??= reason;
    this.#onDue(this);
    if (isCut) this.#cut();
    else this.engine.close();
  }

  #cut(): void {
    const webSocket = this.engine.transport.socket;
    this.engine.close(true);
    // Over polling, a close waits up to 30 s for a request of the client, and a second close would do nothing. So end
    // the connection here.
    if (this.engine.readyState === "closing") this.engine.onClose("forced close");
    webSocket?.terminate();
  }
}
