import { Newest } from "../edge/newest.ts";
import type { WebSocketInside } from "../internals/ws.ts";

/** Maximum number of WebSockets of each kind. Above it, the oldest are terminated. */
const MOST = 512;

type ClosingSocket = Pick<WebSocketInside, "once" | "pause" | "terminate">;

/**
 * WebSockets that the gateway has closed and the client has not. ws reads them for its `closeTimeout`, and no other
 * count includes them.
 * Sockets with a protocol error are not read any more; the next check of the watchdog terminates them.
 */
export class ClosingSockets {
  readonly #inOrder = new Newest<ClosingSocket>(MOST, terminate);
  readonly #unread = new Newest<ClosingSocket>(MOST, terminate);

  add(socket: ClosingSocket, manner: "in order" | "broke the protocol"): void {
    const sockets = manner === "in order" ? this.#inOrder : this.#unread;
    sockets.add(socket);
    socket.once("close", () => sockets.delete(socket));
    // ws resumes a socket that it has just given up; this must run after that.
    if (sockets === this.#unread) setImmediate(() => socket.pause());
  }

  /** Terminates the sockets that broke the protocol before the previous call. */
  cutUnread(): void {
    for (const socket of this.#unread) socket.terminate();
    this.#unread.clear();
  }
}

function terminate(socket: ClosingSocket): void {
  socket.terminate();
}
