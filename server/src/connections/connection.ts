import type { Socket } from "socket.io";
import type { Identity } from "../auth/identity.ts";
import type { EngineSocket } from "../internals/engine-io.ts";
import type { RateAnswer } from "../ledger/ledger.ts";
import { closeReasons, type CloseReason } from "../protocol/close-reasons.ts";
import type { Refusal } from "../protocol/refusals.ts";

/** From the connection to the first namespace: stock clients fetch their token in that time. */
export const ENTER_WITHIN_MS = 30_000;
/** In no namespace after a refusal, or after leaving the last one. */
export const EMPTY_MS = 5_000;

export interface ConnectionOptions {
  engine: EngineSocket;
  address: string;
  openedAtMs: number;
  /** Called with every reason; twice where a connection that does not take its close in time is cut. */
  onClose: (reason: CloseReason) => void;
}

/**
 * One client and its engine.io connection. It holds one seat, however many namespaces it is in, and belongs to one
 * user.
 */
export class Connection {
  readonly engine: EngineSocket;
  readonly address: string;
  readonly sockets = new Set<Socket>();
  identity: Identity | undefined;
  /** Asked for once per connection, however many namespaces the client enters. */
  addressAnswer: RateAnswer | Promise<RateAnswer> | undefined;
  /** Set while the ledger is asked for a seat. */
  seating: Promise<Refusal | undefined> | undefined;
  seat: { socketId: string; userId: string } | undefined;
  /** When the user is told that the token will expire; Infinity once that has been done. */
  expiryNoticeAtMs = Infinity;
  /** While it is in no namespace: when it is closed for that. */
  emptyUntilMs: number;
  seatedAtMs: number | undefined;
  /** Why it is being closed, by the first call of `close`. */
  closeReason: CloseReason | undefined;
  /** Set when a refusal that passes by itself is to be answered by closing the connection. */
  refusedUntilMs: number | undefined;
  /** Set by the watchdog when it first finds the connection closing. */
  closingSinceMs: number | undefined;
  /** As of the watchdog's last pass: for the outbound metric. */
  bytesWritten = 0;
  /** Events refused for their rate since the last allowed one. */
  refusedInARow = 0;
  readonly #onClose: (reason: CloseReason) => void;
  #holds = 0;
  /** Namespaces whose CONNECT has not been answered yet; undefined while there is none. */
  #entering: Set<string> | undefined;

  constructor({ engine, address, openedAtMs, onClose }: ConnectionOptions) {
    this.engine = engine;
    this.address = address;
    this.emptyUntilMs = openedAtMs + ENTER_WITHIN_MS;
    this.#onClose = onClose;
  }

  /** Has a seat, and its first session has started. */
  get isSeated(): boolean {
    return this.seatedAtMs !== undefined;
  }

  get isClosing(): boolean {
    return this.closeReason !== undefined;
  }

  /** Not read from at the moment. */
  get isHeld(): boolean {
    return this.#holds > 0;
  }

  /** Sets the identity. The expiry notice is due a minute before the token expires, or half-way for short tokens. */
  identify(identity: Identity, nowMs: number): void {
    this.identity = identity;
    this.expiryNoticeAtMs = identity.expiresAtMs - Math.min(60_000, (identity.expiresAtMs - nowMs) / 2);
    if (Number.isNaN(this.expiryNoticeAtMs)) this.expiryNoticeAtMs = Infinity;
  }

  /** False when a CONNECT for this namespace is being answered already: Socket.IO would make a second socket. */
  beginsToEnter(namespace: string): boolean {
    if (this.#entering?.has(namespace) === true) return false;
    (this.#entering ??= new Set()).add(namespace);
    return true;
  }

  /** The CONNECT for this namespace has been answered. */
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

  /** Closes the engine connection, as the catalogue says for the reason. Stock clients then come back. */
  close(reason: CloseReason): void {
    const isCut = closeReasons[reason].socket === "cut";
    if (this.isClosing && !isCut) return;
    this.#onClose(reason);
    this.closeReason ??= reason;
    if (isCut) this.#cut();
    else this.engine.close();
  }

  #cut(): void {
    const webSocket = this.engine.transport.socket;
    this.engine.close(true);
    // Over polling a close that has begun waits half a minute for a request, and cannot be begun again.
    if (this.engine.readyState === "closing") this.engine.onClose("forced close");
    webSocket?.terminate();
  }
}
