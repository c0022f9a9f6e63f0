import type { WebSocketInside } from "./connection.ts";
import { Newest } from "./newest.ts";

/** Wires at a time: beyond it the oldest are cut. */
const MOST = 512;

type Wire = Pick<WebSocketInside, "once" | "pause" | "terminate">;

/**
 * The WebSockets of connections that are closed for all of us, while their clients have not closed them: no other count holds them, and ws
 * goes on reading what they send for its `closeTimeout`. Who broke the protocol is not read any more and has until the next look to take
 * the close frame.
 */
export class ClosingWires {
  readonly #inOrder = new Newest<Wire>(MOST, terminate);
  readonly #unread = new Newest<Wire>(MOST, terminate);

  add(wire: Wire, manner: "in order" | "broke the protocol"): void {
    const wires = manner === "in order" ? this.#inOrder : this.#unread;
    wires.add(wire);
    wire.once("close", () => wires.delete(wire));
    // ws lets a wire flow that it has just given up; this comes after that.
    if (wires === this.#unread) setImmediate(() => wire.pause());
  }

  /** Cuts those that had their time. */
  look(): void {
    for (const wire of this.#unread) wire.terminate();
    this.#unread.clear();
  }
}

function terminate(wire: Wire): void {
  wire.terminate();
}
