// Undocumented members of ws 8.
import type { Socket as TcpSocket } from "node:net";
import type { Writable } from "node:stream";
import type { ServerOptions } from "ws";

/** Called when bytes have left, or cannot leave any more. */
export type Written = (error?: Error | null) => void;

/** Every frame of a WebSocket passes sendFrame, in order, as [header, payload]; a string payload is not yet UTF-8. */
export interface Sender {
  sendFrame(list: (Buffer | string)[], written?: Written): void;
  _socket: TcpSocket;
  /** 0: nothing is being compressed or read. */
  _state: number;
  _queue: unknown[];
}

/** A `readyState`. */
export const CLOSED = 3;

/** A server's side of a WebSocket. */
export interface WebSocketInside {
  readonly readyState: number;
  readonly extensions?: string;
  _sender?: Sender;
  _socket?: TcpSocket;
  _receiver?: Receiver;
  once(event: "close" | "pong", listener: () => void): unknown;
  ping(): void;
  terminate(): void;
  pause(): void;
  resume(): void;
  setSocket(socket: TcpSocket, head: Buffer, options: WebSocketOptions): void;
}

/** Reads frames off the TCP socket. */
export type Receiver = Writable & { _maxPayload: number };

/** Options of a server, as each of its WebSockets gets them. */
export interface WebSocketOptions {
  maxPayload: number;
  WebSocket: new (address: null, protocols: undefined, options: WebSocketOptions) => WebSocketInside;
}

/** A server as engine.io makes one. */
export interface WebSocketServerInside {
  _state: number;
  options: WebSocketOptions;
}

/** The `_state` of a server that is not closing. */
export const RUNNING = 0;

/** Bounds that ws has and its type declarations leave out. */
export interface BoundedServerOptions extends ServerOptions {
  /** Fragments of one message. */
  maxFragments?: number;
  /** Pieces of the TCP stream that wait for a frame to be complete. */
  maxBufferedChunks?: number;
  /** Pongs that the client has not taken yet. */
  maxPendingAutoPongs?: number;
  /** Milliseconds for a client to answer a close frame. */
  closeTimeout?: number;
}

/** Sends a frame as ws does, for a sender whose `sendFrame` has been replaced. */
export function sendFrameOfClass(sender: Sender, list: (Buffer | string)[], written?: Written): void {
  (Object.getPrototypeOf(sender) as Sender).sendFrame.call(sender, list, written);
}

/** Whether nobody has changed this sender and nothing waits in it. */
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
