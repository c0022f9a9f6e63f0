import type { Socket as NetSocket } from "node:net";
import type { Adapter, BroadcastOptions } from "socket.io-adapter";
import type { Socket } from "socket.io";

/**
 * Everything the fast path touches that its owners do not document, in one place. undocumented.test.ts holds each item against
 * the installed packages, so an upgrade that moves one breaks a test; `unsupported` looks again for each connection, so a
 * connection it does not fully recognise takes the ordinary path.
 */
export const TESTED_VERSIONS = {
  "socket.io": "4.8.4",
  "socket.io-adapter": "2.5.8",
  "engine.io": "6.6.12",
  ws: "8.23.0",
} as const;

/** A packet as socket.io's operators hand it to an adapter. */
export interface Packet {
  type: number;
  data: unknown[];
  nsp?: string;
  id?: number;
}

/** Options of a broadcast as the adapter passes them to engine.io; the frame is ws's [header, payload]. */
export interface PacketOptions {
  preEncoded: boolean;
  volatile?: boolean;
  compress?: boolean;
  wsPreEncodedFrame?: Buffer[];
}

export type MemberCallback = (socket: Socket) => void;

/**
 * socket.io-adapter: `broadcast` is `_encode` and then, with nothing between, one `apply` whose callback writes to one
 * socket. Both are called on `this`, so a subclass sees the broadcasts of every adapter built on this one, those that came
 * over Redis included. `broadcastWithAck` gives its packet an id first.
 */
export interface AdapterInside extends Omit<Adapter, "addAll" | "del" | "delAll"> {
  _encode(packet: Packet, options: PacketOptions): unknown[];
  apply(options: BroadcastOptions, callback: MemberCallback): void;
  addAll(id: string, rooms: Set<string>): void;
  del(id: string, room: string): void;
  delAll(id: string): void;
}

/** ws: every frame of a connection passes sendFrame, in order, as [header, payload]; a string payload is UTF-8 to be. */
export interface Sender {
  sendFrame(list: (Buffer | string)[], written?: Written): void;
  _socket: NetSocket;
  /** 0: nothing is being compressed or read. */
  _state: number;
  _queue: unknown[];
}

export type Written = (error?: Error | null) => void;

/** engine.io 6: the connection under socket.io's sockets. */
export interface EngineConnection {
  readyState: string;
  protocol: number;
  upgrading: boolean;
  /** Packets not yet handed to the transport: what is sent must go behind them. */
  writeBuffer: { data?: unknown; options?: { wsPreEncodedFrame?: Buffer[] } }[];
  transport: EngineTransport;
}

export interface EngineTransport {
  name: string;
  /** False from a send until its bytes have left; engine.io flushes on "ready". */
  writable: boolean;
  perMessageDeflate?: unknown;
  /** The ws WebSocket of a websocket transport. */
  socket?: { _sender?: Sender; _socket?: NetSocket; extensions?: string };
  emit(event: "ready"): boolean;
}

/** Why a connection takes the ordinary path. */
export type Unsupported = "transport" | "upgrading" | "protocol" | "compression" | "internals";

/** socket.io: the public `listenersAnyOutgoing()` makes a list each time, and this is asked once per member and turn. */
export function hasOutgoingListeners(socket: Socket): boolean {
  const listeners = (socket as unknown as { _anyOutgoingListeners?: unknown[] })._anyOutgoingListeners;
  return listeners !== undefined && listeners.length > 0;
}

/** socket.io: what a broadcast does for each socket beside writing. */
export function notifyOutgoing(socket: Socket, packet: Packet): void {
  (socket as unknown as { notifyOutgoingListeners(packet: Packet): void }).notifyOutgoingListeners(packet);
}

/** socket.io: each event of a client, binary ones put together, passes its socket's `onevent`; acks and disconnects do not. */
export function replaceOnEvent(socket: Socket, onEvent: (packet: { data: unknown[]; id?: number }) => void): void {
  (socket as unknown as { onevent: typeof onEvent }).onevent = onEvent;
}

/** socket.io: the ordinary way of an encoded packet. */
export function writeToEngine(socket: Socket, text: string, options: PacketOptions): void {
  type Client = { writeToEngine(packets: string[], options: PacketOptions): void };
  (socket as unknown as { client: Client }).client.writeToEngine([text], options);
}

/** The engine.io connection of a socket. */
export function connectionOf(socket: Socket): EngineConnection {
  return socket.conn as unknown as EngineConnection;
}

/** Why the fast path must leave this connection alone, or undefined where it knows everything it touches. */
export function unsupported(connection: EngineConnection): Unsupported | undefined {
  const { transport } = connection;
  if (transport.name !== "websocket") return "transport";
  if (connection.upgrading) return "upgrading";
  if (connection.protocol !== 4) return "protocol";
  const webSocket = transport.socket;
  if (transport.perMessageDeflate || webSocket?.extensions !== "") return "compression";
  const sender = webSocket._sender;
  const recognised =
    sender !== undefined &&
    typeof sender.sendFrame === "function" &&
    !Object.hasOwn(sender, "sendFrame") &&
    sender._state === 0 &&
    sender._queue.length === 0 &&
    sender._socket !== undefined &&
    sender._socket === webSocket._socket &&
    typeof sender._socket.writableLength === "number" &&
    Array.isArray(connection.writeBuffer) &&
    typeof transport.writable === "boolean";
  return recognised ? undefined : "internals";
}
