// Undocumented members of ws 8.
import type { Socket as TcpSocket } from "node:net";
import type { Writable } from "node:stream";
import type { ServerOptions } from "ws";

/** Called when the bytes are written, or with an error when they cannot be written any more. */
export type Written = (error?: Error | null) => void;

/**
 * The sender of a WebSocket. ws calls `sendFrame` for each frame, in order, with [header, payload]. If the payload is a
 * string, it is not encoded as UTF-8 yet.
 */
export interface Sender {
  sendFrame(list: (Buffer | string)[], written?: Written): void;
  _socket: TcpSocket;
  /** What the sender is doing. 0: it neither compresses a frame nor reads one from a Blob. */
  _state: number;
  _queue: unknown[];
}

/** The `readyState` of a closed WebSocket. */
export const CLOSED = 3;

/** The members of a server's WebSocket that the gateway uses. */
export interface WebSocketInside {
  readonly readyState: number;
  readonly extensions?: string;
  _sender?: Sender;
  _socket?: TcpSocket;
  _receiver?: Receiver;
  once(event: "close" | "pong", listener: () => void): unknown;
  off(event: "close" | "pong", listener: () => void): unknown;
  ping(): void;
  terminate(): void;
  pause(): void;
  resume(): void;
  setSocket(socket: TcpSocket, head: Buffer, options: WebSocketOptions): void;
}

/** The stream that parses the frames from the TCP socket. */
export type Receiver = Writable & { _maxPayload: number };

/** Options that a ws server passes to each of its WebSockets. */
export interface WebSocketOptions {
  maxPayload: number;
  WebSocket: new (address: null, protocols: undefined, options: WebSocketOptions) => WebSocketInside;
}

/** The ws server that engine.io creates. */
export interface WebSocketServerInside {
  _state: number;
  options: WebSocketOptions;
}

/** The `_state` of a ws server that is not closing. */
export const RUNNING = 0;

/** Limits of ws that are missing in its type declarations. */
export interface BoundedServerOptions extends ServerOptions {
  maxFragments?: number;
  /** Maximum number of TCP chunks that wait for the rest of a frame. */
  maxBufferedChunks?: number;
  /** Maximum number of pongs that wait until the client reads. */
  maxPendingAutoPongs?: number;
  /** Milliseconds for a client to answer a close frame. */
  closeTimeout?: number;
}

/** Calls the original `sendFrame` of ws for a sender whose `sendFrame` was replaced. */
export function sendFrameOfClass(sender: Sender, list: (Buffer | string)[], written?: Written): void {
  (Object.getPrototypeOf(sender) as Sender).sendFrame.call(sender, list, written);
}

/** Whether this sender still has its original methods, and has nothing in its queue. */
export function isUntouched(sender: Sender | undefined, tcpSocket: TcpSocket | undefined): sender is Sender {
  return (
    sender !== undefined &&
    typeof sender.sendFrame === "function" &&
    !Object.hasOwn(sender, "sendFrame") &&
    sender._state === 0 &&
    sender._queue.length === 0 &&
    sender._socket !== undefined &&
    sender._socket === tcpSocket &&
    typeof sender._socket.writableLength === "number"
  );
}
