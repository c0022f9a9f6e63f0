import type { Writable } from "node:stream";
import * as ws from "ws";

/** The parser of ws, which its type declarations do not have. It emits `message` with the data and `isBinary`. */
const { Receiver } = ws as unknown as {
  Receiver: new (options: { isServer: boolean; maxPayload: number }) => Writable;
};

/** Larger messages are not decoded. A gateway ends connections that send larger ones, so this is seldom reached. */
const MAX_BYTES = 4_194_304;

/**
 * Reads the messages of one direction of a WebSocket from the bytes that pass through the proxy. It does not know
 * compressed messages, which the gateways do not send. After bytes that it cannot read, it reads no more.
 */
export class FrameReader {
  readonly #receiver: Writable;

  constructor(sender: "client" | "gateway", onMessage: (data: string | Buffer) => void) {
    // Only frames of clients have a mask.
    this.#receiver = new Receiver({ isServer: sender === "client", maxPayload: MAX_BYTES });
    this.#receiver.on("message", (data: Buffer, isBinary: boolean) => onMessage(isBinary ? data : data.toString()));
    this.#receiver.on("error", () => undefined);
  }

  push(chunk: Buffer): void {
    if (this.#receiver.destroyed || this.#receiver.writableEnded) return;
    // The receiver removes the mask in place, and the proxy passes the same bytes on.
    this.#receiver.write(Buffer.from(chunk));
  }
}
