import { Newest } from "../edge/newest.ts";
import type { WebSocketInside } from "../internals/ws.ts";

/** WebSockets at a time, of each kind: beyond it the oldest are cut. */
const MOST = 512;

type ClosingSocket = Pick<WebSocketInside, "once" | "pause" | "terminate">;

/**
 * WebSockets that we have closed and their clients have not: no other count holds them, and ws reads on for its
 * `closeTimeout`. One that broke the protocol is not read any more and is cut at the next pass of the watchdog.
 */
export class ClosingSockets {
  readonly #inOrder = new Newest<ClosingSocket>(MOST, terminate);
  readonly #unread = new Newest<ClosingSocket>(MOST, terminate);

  add(socket: ClosingSocket, manner: "in order" | "broke the protocol"): void {
    const sockets = manner === "in order" ? this.#inOrder : this.#unread;
    sockets.add(socket);
    socket.once("close", () => sockets.delete(socket));
    // ws resumes a socket that it has just given up; this comes after that.
    if (sockets === this.#unread) setImmediate(() => socket.pause());
  }

  /** Cuts those that broke the protocol before the last call. */
  cutUnread(): void {
    for (const socket of this.#unread) socket.terminate();
    this.#unread.clear();
  }
}

function terminate(socket: ClosingSocket): void {
  socket.terminate();
}
