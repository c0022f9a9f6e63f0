import type { Socket } from "socket.io";
import type { Identity } from "../auth/identity.ts";
import type { EngineSocket } from "../internals/engine-io.ts";
import type { RateAnswer } from "../ledger/ledger.ts";
import { closeReasons, type CloseReason } from "../protocol/close-reasons.ts";
import type { Refusal } from "../protocol/refusals.ts";

/** A new connection must enter a namespace within this time. Stock clients fetch their token in it. */
export const ENTER_WITHIN_MS = 30_000;
/** How long a connection can be in no namespace after a refusal, or after it left its last namespace. */
export const EMPTY_MS = 5_000;

export interface ConnectionOptions {
  engine: EngineSocket;
  address: string;
  openedAtMs: number;
  /**
   * Called when the gateway closes the connection. Called again, with a new reason, if the connection does not close in
   * time and is terminated.
   */
  onClose: (reason: CloseReason) => void;
  /** Called when `dueAtMs` has possibly become earlier. */
  onDue: (connection: Connection) => void;
}

/**
 * One engine.io connection of one client. It belongs to one user and has one seat, whatever the number of namespaces
 * that it is in.
 */
export class Connection {
  readonly engine: EngineSocket;
  readonly address: string;
  readonly sockets = new Set<Socket>();
  identity: Identity | undefined;
  /**
   * Whether the ledger allows a connection from this IP address. Asked once for a connection; all its namespaces share
   * the answer.
   */
  addressAnswer: RateAnswer | Promise<RateAnswer> | undefined;
  /** The ledger's answer, while it is asked for a seat. Other namespaces of the connection wait for the same answer. */
  seating: Promise<Refusal | undefined> | undefined;
  seat: { socketId: string; userId: string } | undefined;
  /** When to send `token:expiring`. Infinity after it was sent. */
  expiryNoticeAtMs = Infinity;
  seatedAtMs: number | undefined;
  /** When the client entered, if it had a session on an earlier connection. */
  returnedAtMs: number | undefined;
  /** Whether recovery is on for this client, so that it gets messages that it misses while it reconnects. */
  isRecoverable = false;
  /** Whether the client opens its next connection by itself after `server:draining`. The client says so at CONNECT. */
  movesItself = false;
  /**
   * When the connection reaches its maximum age. Undefined if there is no maximum age, or if the connection is already
   * being moved.
   */
  #agedAtMs: number | undefined;
  /** The reason of the first `close` call. */
  closeReason: CloseReason | undefined;
  /**
   * When the watchdog terminates this closing connection. The watchdog sets it when it first sees that the connection
   * is closing.
   */
  closingUntilMs: number | undefined;
  /**
   * Fields of the watchdog's deadline queue: the time of the next check, and the index in the queue (-1: not in the
   * queue).
   */
  scheduledAtMs = Infinity;
  queueIndex = -1;
  /** Requests to handlers of the application that are not answered yet. A drain moves such clients last. */
  handlerRequests = 0;
  /** Number of events since the last allowed one. All of them were refused because of the rate limit. */
  refusedInARow = 0;
  readonly #onClose: (reason: CloseReason) => void;
  readonly #onDue: (connection: Connection) => void;
  #emptyUntilMs: number;
  #refusedUntilMs: number | undefined;
  #holds = 0;
  /** Namespaces whose CONNECT has not been answered yet. Undefined if there is none. */
  #entering: Set<string> | undefined;

  constructor({ engine, address, openedAtMs, onClose, onDue }: ConnectionOptions) {
    this.engine = engine;
    this.address = address;
    this.#emptyUntilMs = openedAtMs + ENTER_WITHIN_MS;
    this.#onClose = onClose;
    this.#onDue = onDue;
  }

  /** When to close the connection if it is in no namespace at that time. */
  get emptyUntilMs(): number {
    return this.#emptyUntilMs;
  }

  set emptyUntilMs(untilMs: number) {
    this.#emptyUntilMs = untilMs;
    this.#onDue(this);
  }

  /** When the watchdog closes the connection, because a namespace was refused for a temporary reason. */
  get refusedUntilMs(): number | undefined {
    return this.#refusedUntilMs;
  }

  set refusedUntilMs(untilMs: number | undefined) {
    this.#refusedUntilMs = untilMs;
    this.#onDue(this);
  }

  get agedAtMs(): number | undefined {
    return this.#agedAtMs;
  }

  set agedAtMs(agedAtMs: number | undefined) {
    this.#agedAtMs = agedAtMs;
    if (agedAtMs !== undefined) this.#onDue(this);
  }

  /** When the watchdog must check this connection next. */
  get dueAtMs(): number {
    if (this.isClosing) return this.closingUntilMs ?? -Infinity;
    if (this.sockets.size === 0) return Math.min(this.#emptyUntilMs, this.#refusedUntilMs ?? Infinity);
    return Math.min(this.expiryNoticeAtMs, this.identity?.expiresAtMs ?? Infinity, this.#agedAtMs ?? Infinity);
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

  /**
   * Sets the identity. `token:expiring` is due a minute before the token expires; for a token of less than two minutes,
   * after half of its time.
   */
  identify(identity: Identity, nowMs: number): void {
    this.identity = identity;
    this.expiryNoticeAtMs = identity.expiresAtMs - Math.min(60_000, (identity.expiresAtMs - nowMs) / 2);
    if (Number.isNaN(this.expiryNoticeAtMs)) this.expiryNoticeAtMs = Infinity;
    this.#onDue(this);
  }

  /**
   * Notes a CONNECT for this namespace. Returns false if an earlier CONNECT is not answered yet, because Socket.IO
   * would create a second socket.
   */
  beginsToEnter(namespace: string): boolean {
    if (this.#entering?.has(namespace) === true) return false;
    (this.#entering ??= new Set()).add(namespace);
    return true;
  }

  /** Notes that the CONNECT for this namespace has been answered. */
  endsToEnter(namespace: string): void {
    this.#entering?.delete(namespace);
    if (this.#entering?.size === 0) this.#entering = undefined;
  }

  /** Stops reading from the client. Reading continues when `releaseHold` has been called as often as `hold`. */
  hold(): void {
    this.#holds += 1;
    if (this.#holds === 1) this.engine.transport.socket?.pause();
  }

  releaseHold(): void {
    this.#holds -= 1;
    if (this.#holds === 0 && !this.isClosing) this.engine.transport.socket?.resume();
  }

  /** Closes the engine.io connection in the way that close-reasons.ts defines for the reason. */
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
    // Over polling, engine.io waits up to 30 s for the client's next request before it closes, and a second close does
    // nothing. So end the connection at once.
    if (this.engine.readyState === "closing") this.engine.onClose("forced close");
    webSocket?.terminate();
  }
}
