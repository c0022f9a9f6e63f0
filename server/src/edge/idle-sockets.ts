import type { ServerResponse } from "node:http";
import type { Socket } from "node:net";

/**
 * Maximum number of TCP sockets without a request. Node keeps each of them for ten or thirty seconds, with a parser and
 * buffers.
 */
const MAX_IDLE = 2_000;
/**
 * Younger sockets are not destroyed. When many clients connect at once, Node first accepts all sockets and only then
 * reads their requests.
 */
const SPARED_MS = 1_000;
/** Maximum number of unanswered requests on one socket. Clients and proxies send one request after another. */
const MAX_UNANSWERED = 16;

/**
 * The TCP sockets of the public listener. If too many have no request, the oldest one is destroyed; if it is younger
 * than SPARED_MS, the new one is destroyed instead.
 */
export class IdleSockets {
  /** Socket → number of its unanswered requests. */
  readonly #sockets = new Map<Socket, number>();
  /** Socket without a request → the time since which it has none. The oldest comes first. */
  readonly #idle = new Map<Socket, number>();
  readonly #nowMs: () => number;
  readonly #onCrowdedOut: () => void;
  readonly #forget: (this: Socket) => void;

  constructor(nowMs: () => number, onCrowdedOut: () => void) {
    this.#nowMs = nowMs;
    this.#onCrowdedOut = onCrowdedOut;
    const sockets = this.#sockets;
    const idle = this.#idle;
    // All sockets share this one function. A function per socket would use memory as long as the socket exists.
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

  /** Notes that no more HTTP requests come from the socket, because it is upgraded or refused. */
  upgrades(socket: Socket): void {
    this.#idle.delete(socket);
  }

  /** Notes a request. Returns false, and destroys the socket, if it has too many unanswered requests. */
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
