import { Newest } from "../edge/newest.ts";
import type { WebSocketInside } from "../internals/ws.ts";

/** Maximum number of WebSockets in each of the two sets below. At the maximum, the oldest one is terminated. */
const MOST = 512;

type ClosingSocket = Pick<WebSocketInside, "once" | "pause" | "terminate">;

/**
 * WebSockets that the gateway has closed and the client has not closed yet. ws reads from each until its `closeTimeout`
 * has passed, and no other limit counts them. The gateway does not read from sockets that broke the protocol; the
 * connection watchdog's next check terminates them.
 */
export class ClosingSockets {
  readonly #inOrder = new Newest<ClosingSocket>(MOST, terminate);
  readonly #unread = new Newest<ClosingSocket>(MOST, terminate);

  add(socket: ClosingSocket, manner: "in order" | "broke the protocol"): void {
    const sockets = manner === "in order" ? this.#inOrder : this.#unread;
    sockets.add(socket);
    socket.once("close", () => sockets.delete(socket));
    // After a protocol error, ws calls resume() on the socket in a later callback. Pause the socket after that.
    if (sockets === this.#unread) setImmediate(() => socket.pause());
  }

  /** Terminates the sockets that broke the protocol before the previous call of this function. */
  cutUnread(): void {
    for (const socket of this.#unread) socket.terminate();
    this.#unread.clear();
  }
}

function terminate(socket: ClosingSocket): void {
  socket.terminate();
}
