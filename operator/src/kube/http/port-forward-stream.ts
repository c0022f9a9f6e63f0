import { Duplex } from "node:stream";
import WebSocket from "ws";
import { ApiError } from "../errors.ts";

/** The channels of a forwarded port (kubelet, pkg/cri/streaming/portforward/websocket.go). */
const DATA_CHANNEL = 0;
const ERROR_CHANNEL = 1;
/** Each channel begins with the port number, which has this many bytes. */
const PORT_NUMBER_BYTES = 2;

/**
 * The bytes of one TCP connection to a pod's port. They are messages of a port-forward WebSocket, which the caller
 * passes open and paused.
 */
export class PortForwardStream extends Duplex {
  readonly #socket: WebSocket;
  /** How many bytes of the port number have arrived on each channel. */
  readonly #portNumber = new Map<number, number>();

  constructor(socket: WebSocket) {
    super();
    this.#socket = socket;
    socket.on("message", (message: Buffer) => this.#receive(message));
    socket.on("error", (error) => this.destroy(error));
    socket.on("close", () => this.push(null));
    socket.resume();
  }

  #receive(message: Buffer): void {
    const channel = message[0] ?? DATA_CHANNEL;
    const sent = this.#portNumber.get(channel) ?? 0;
    const skipped = Math.min(PORT_NUMBER_BYTES - sent, message.length - 1);
    this.#portNumber.set(channel, sent + skipped);
    const content = message.subarray(1 + skipped);
    if (content.length === 0) return;
    if (channel === ERROR_CHANNEL) {
      this.destroy(new ApiError(content.toString("utf8"), { status: 503, reason: "ServiceUnavailable" }));
    } else if (!this.push(content)) {
      this.#socket.pause();
    }
  }

  override _read(): void {
    if (this.#socket.readyState === WebSocket.OPEN) this.#socket.resume();
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    this.#socket.send(Buffer.concat([Buffer.of(DATA_CHANNEL), chunk]), done);
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    this.#socket.terminate();
    done(error);
  }
}
