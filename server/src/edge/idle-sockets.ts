import type { ServerResponse } from "node:http";
import type { Socket } from "node:net";

/** TCP sockets that wait for a first or next request. Node keeps each for 10 or 30 s, with a parser and buffers. */
const MAX_IDLE = 2_000;
/** One that came within this may not have been read yet: a crowd's requests are read after all have been accepted. */
const SPARED_MS = 1_000;
/** Requests of one socket that wait for their answers: clients and proxies send one after the other. */
const MAX_UNANSWERED = 16;

/**
 * The TCP sockets of the public listener. When too many have no request, the oldest is destroyed if its time is over,
 * otherwise the newcomer.
 */
export class IdleSockets {
  /** With how many requests each has unanswered. */
  readonly #sockets = new Map<Socket, number>();
  /** Since when each has no request, oldest first. */
  readonly #idle = new Map<Socket, number>();
  readonly #nowMs: () => number;
  readonly #onCrowdedOut: () => void;
  readonly #forget: (this: Socket) => void;

  constructor(nowMs: () => number, onCrowdedOut: () => void) {
    this.#nowMs = nowMs;
    this.#onCrowdedOut = onCrowdedOut;
    const sockets = this.#sockets;
    const idle = this.#idle;
    // One function for all sockets: each would keep its own as long as it lives.
    this.#forget = function () {
      sockets.delete(this);
      idle.delete(this);
    };
  }

  add(socket: Socket): void {
    this.#sockets.set(socket, 0);
    socket.on("close", this.#forget);
    this.#becomesIdle(socket);
  }

  /** Its requests are over: it has become a WebSocket, or is being refused. */
  upgrades(socket: Socket): void {
    this.#idle.delete(socket);
  }

  /** False when the socket has too many requests without an answer; it is destroyed then. */
  requests(socket: Socket, response: ServerResponse): boolean {
    const unanswered = 1 + (this.#sockets.get(socket) ?? 0);
    if (unanswered > MAX_UNANSWERED) {
      socket.destroy();
      return false;
    }
    this.#sockets.set(socket, unanswered);
    this.#idle.delete(socket);
    response.once("close", () => this.#answered(socket));
    return true;
  }

  destroyIdle(): void {
    for (const socket of this.#idle.keys()) socket.destroy();
  }

  destroyAll(): void {
    for (const socket of this.#sockets.keys()) socket.destroy();
  }

  #answered(socket: Socket): void {
    const unanswered = this.#sockets.get(socket);
    if (unanswered === undefined) return;
    this.#sockets.set(socket, unanswered - 1);
    if (unanswered === 1) this.#becomesIdle(socket);
  }

  #becomesIdle(socket: Socket): void {
    const now = this.#nowMs();
    this.#idle.set(socket, now);
    if (this.#idle.size <= MAX_IDLE) return;
    const [oldest, sinceMs] = this.#idle.entries().next().value!;
    const gone = now - sinceMs >= SPARED_MS ? oldest : socket;
    this.#idle.delete(gone);
    this.#onCrowdedOut();
    gone.destroy();
  }
}
