import type { ServerResponse } from "node:http";
import type { Socket } from "node:net";

/** The most TCP sockets without a request. Node keeps each for ten or thirty seconds, with a parser and buffers. */
const MAX_IDLE = 2_000;
/**
 * A socket younger than this is not destroyed: in a crowd, Node reads the requests only after it has accepted all
 * sockets.
 */
const SPARED_MS = 1_000;
/** Maximum number of unanswered requests of one socket. Clients and proxies send one request after the other. */
const MAX_UNANSWERED = 16;

/**
 * The TCP sockets of the public listener. When too many have no request, the oldest is destroyed if it is older than
 * SPARED_MS, otherwise the new one.
 */
export class IdleSockets {
  /** The number of unanswered requests of each socket. */
  readonly #sockets = new Map<Socket, number>();
  /** The time since which each socket has had no request, oldest first. */
  readonly #idle = new Map<Socket, number>();
  readonly #nowMs: () => number;
  readonly #onCrowdedOut: () => void;
  readonly #forget: (this: Socket) => void;

  constructor(nowMs: () => number, onCrowdedOut: () => void) {
    this.#nowMs = nowMs;
    this.#onCrowdedOut = onCrowdedOut;
    const sockets = this.#sockets;
    const idle = this.#idle;
    // All sockets share this function: a function for each would stay in memory as long as its socket.
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

  /** Call when the socket sends no more requests: it became a WebSocket or is being refused. */
  upgrades(socket: Socket): void {
    this.#idle.delete(socket);
  }

  /** Returns false when the socket has too many unanswered requests. The socket is then destroyed. */
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
