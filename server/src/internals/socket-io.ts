// Undocumented members of socket.io 4.8.
import { Socket, type Namespace } from "socket.io";
import type { EngineSocket } from "./engine-io.ts";
import type { Packet, PacketOptions } from "./socket-io-adapter.ts";

/** What a socket does as it is made, refused and let in. */
export interface SocketInside extends Pick<Socket, "nsp" | "request" | "connected" | "join"> {
  id: string;
  emit(event: string, ...args: unknown[]): boolean;
  buildHandshake(auth: object): object;
  _onconnect(): void;
  _cleanup(): void;
  _error(error: { message: string; data: unknown }): void;
}

/** How a namespace makes its sockets. */
export interface NamespaceInside {
  _add(client: ClientInside, auth: object, done: (socket: Socket) => void): void;
  _doConnect(socket: SocketInside, done: (socket: Socket) => void): void;
}

/** An engine.io connection as its sockets share it. */
export interface ClientInside {
  conn: { readyState: string };
  /** The namespaces it is in. */
  nsps: ReadonlyMap<string, unknown>;
  decoder: { entered?: ReadonlyMap<string, unknown> };
}

interface SocketMembers {
  client: { writeToEngine(packets: readonly (string | Buffer)[], options: PacketOptions): void };
  _anyOutgoingListeners?: unknown[];
  notifyOutgoingListeners(packet: Packet): void;
  onevent(packet: EventPacket): void;
}

interface EventPacket {
  data: unknown[];
  id?: number;
}

const members = (socket: Socket): SocketMembers => socket as unknown as SocketMembers;

export const SocketClass = Socket as unknown as new (
  namespace: Namespace,
  client: ClientInside,
  auth: object,
) => SocketInside;

export function namespaceInside(namespace: Namespace): NamespaceInside {
  return namespace as unknown as NamespaceInside;
}

/** The socket as its owner documents it. */
export function publicSocket(socket: SocketInside): Socket {
  return socket as unknown as Socket;
}

/** The public `listenersAnyOutgoing()` makes a list each time, and this is asked once per member and turn. */
export function hasOutgoingListeners(socket: Socket): boolean {
  const listeners = members(socket)._anyOutgoingListeners;
  return listeners !== undefined && listeners.length > 0;
}

/** What a broadcast does for each socket besides writing. */
export function notifyOutgoing(socket: Socket, packet: Packet): void {
  members(socket).notifyOutgoingListeners(packet);
}

/** Each event of a client, binary ones put together, passes its socket's `onevent`; acks and disconnects do not. */
export function replaceOnEvent(socket: Socket, onEvent: (packet: EventPacket) => void): void {
  members(socket).onevent = onEvent;
}

/** Sends an encoded packet, its attachments after its text, as Socket.IO does. */
export function writeToEngine(socket: Socket, encoded: readonly (string | Buffer)[], options: PacketOptions): void {
  members(socket).client.writeToEngine(encoded, options);
}

/** The parser's encoder: the packet's text, then its attachments. */
export interface PacketEncoder {
  encode(packet: Packet): [text: string, ...attachments: Buffer[]];
}

/** All namespaces of a server share one encoder. */
export function encoderOf(namespace: Namespace): PacketEncoder {
  return namespace.server.encoder as unknown as PacketEncoder;
}

/** The engine.io connection of a socket. */
export function engineSocketOf(socket: Socket): EngineSocket {
  return socket.conn as unknown as EngineSocket;
}

/** Puts another record in the place of what the client sent when it entered, which holds its token. */
export function replaceHandshake(socket: Socket, handshake: Socket["handshake"]): void {
  Object.assign(socket, { handshake });
}
