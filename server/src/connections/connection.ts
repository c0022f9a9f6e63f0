import type { IncomingMessage } from "node:http";
import type { Socket as NetSocket } from "node:net";
import type { Socket } from "socket.io";
import type { Identity } from "../auth/identity.ts";
import type { RateAnswer } from "../ledger/ledger.ts";
import type { Refusal } from "../protocol/refusals.ts";

/** An engine.io connection, as far as this gateway touches it. */
export interface EngineSocket {
  readonly id: string;
  readonly readyState: string;
  readonly transport: { name: string; socket?: WebSocketInside };
  readonly request: IncomingMessage;
  close(discard?: boolean): void;
  /** engine.io's own: closed from now on, whatever its transport waits for. */
  onClose(reason: "forced close"): void;
  once(event: "close", listener: (reason: string) => void): unknown;
}

/** The ws WebSocket under it. */
export interface WebSocketInside {
  _socket?: NetSocket;
  _receiver?: { _maxPayload: number };
  readonly readyState: number;
  once(event: "close", listener: () => void): unknown;
  terminate(): void;
  pause(): void;
  resume(): void;
}

/** One client on one wire: it holds one seat, however many namespaces it is in, and belongs to one user. */
export class Connection {
  readonly engine: EngineSocket;
  readonly address: string;
  readonly sockets = new Set<Socket>();
  identity: Identity | undefined;
  /** Asked for once per connection, whatever number of namespaces asks. */
  addressAnswer: RateAnswer | Promise<RateAnswer> | undefined;
  /** Pending while the books are asked for a seat. */
  seating: Promise<Refusal | undefined> | undefined;
  seat: { socketId: string; userId: string } | undefined;
  /** When the user was or will be told that the token runs out; Infinity once told. */
  expiryNoticeAtMs = Infinity;
  /** Has been welcomed, with its seat. */
  isSeated = false;
  /** Since when it is in no namespace, while it is in none. */
  emptySinceMs: number;
  isClosing = false;
  /** As of the first look that found it closing. */
  closingSinceMs: number | undefined;
  /** As of the last look: for the outbound metric. */
  bytesWritten = 0;
  /** Events refused for their rate since the last allowed one. */
  refusedInARow = 0;
  #holds = 0;
  /** Namespaces it is on its way into; undefined while there is none. */
  #entering: Set<string> | undefined;

  constructor(engine: EngineSocket, address: string, openedAtMs: number) {
    this.engine = engine;
    this.address = address;
    this.emptySinceMs = openedAtMs;
  }

  /** Remembers who this is and when to speak of the token's end: a minute before, or half-way for short-lived tokens. */
  identify(identity: Identity, nowMs: number): void {
    this.identity = identity;
    this.expiryNoticeAtMs = identity.expiresAtMs - Math.min(60_000, (identity.expiresAtMs - nowMs) / 2);
    if (Number.isNaN(this.expiryNoticeAtMs)) this.expiryNoticeAtMs = Infinity;
  }

  /** False where it is on its way into the namespace already: Socket.IO would make another socket there for each CONNECT that comes. */
  begins(namespace: string): boolean {
    if (this.#entering?.has(namespace) === true) return false;
    (this.#entering ??= new Set()).add(namespace);
    return true;
  }

  /** The namespace has been entered, or was refused. */
  ends(namespace: string): void {
    this.#entering?.delete(namespace);
    if (this.#entering?.size === 0) this.#entering = undefined;
  }

  /** The wire is not read until everyone who holds it has let go. */
  hold(): void {
    this.#holds += 1;
    if (this.#holds === 1) this.engine.transport.socket?.pause();
  }

  letGo(): void {
    this.#holds -= 1;
    if (this.#holds === 0 && !this.isClosing) this.engine.transport.socket?.resume();
  }

  /** Closes the wire in the way that makes stock clients come back: what is queued is sent first. */
  close(): void {
    this.isClosing = true;
    this.engine.close();
  }

  /** Closes at once and drops what is queued, for clients that do not take it. */
  cut(): void {
    this.isClosing = true;
    const wire = this.engine.transport.socket;
    this.engine.close(true);
    // Over polling a close that has begun waits half a minute for a request, and cannot be begun again.
    if (this.engine.readyState === "closing") this.engine.onClose("forced close");
    wire?.terminate();
  }
}
