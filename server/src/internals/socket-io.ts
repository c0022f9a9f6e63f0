// Undocumented members of socket.io 4.8.
import { Socket, type Namespace } from "socket.io";
import type { EngineSocket } from "./engine-io.ts";
import type { Packet, PacketOptions } from "./socket-io-adapter.ts";

/** The members of a socket that run when the socket is created, refused or accepted. */
export interface SocketInside extends Pick<Socket, "nsp" | "request" | "connected" | "join"> {
  id: string;
  emit(event: string, ...args: unknown[]): boolean;
  buildHandshake(auth: object): object;
  _onconnect(): void;
  _cleanup(): void;
  _error(error: { message: string; data: unknown }): void;
}

/** The member of a namespace that creates its sockets. */
export interface NamespaceInside {
  _add(client: ClientInside, auth: object, done: (socket: Socket) => void): void;
  _doConnect(socket: SocketInside, done: (socket: Socket) => void): void;
}

/** The engine.io connection that a client's sockets share. */
export interface ClientInside {
  conn: { readyState: string };
  /** Name of a namespace that the client has entered → its socket. */
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

/** The same socket with its public type. */
export function publicSocket(socket: SocketInside): Socket {
  return socket as unknown as Socket;
}

/**
 * Whether a socket has listeners to outgoing packets. The public `listenersAnyOutgoing()` would copy its list, and this
 * check runs once per member and turn.
 */
export function hasOutgoingListeners(socket: Socket): boolean {
  const listeners = members(socket)._anyOutgoingListeners;
  return listeners !== undefined && listeners.length > 0;
}

/** Calls the listeners to outgoing packets of a socket, as a Socket.IO broadcast does. */
export function notifyOutgoing(socket: Socket, packet: Packet): void {
  members(socket).notifyOutgoingListeners(packet);
}

/**
 * Replaces the function that gets every event of a client (binary events after reassembly). Acks and disconnects do not
 * pass it.
 */
export function replaceOnEvent(socket: Socket, onEvent: (packet: EventPacket) => void): void {
  members(socket).onevent = onEvent;
}

/** Sends an encoded packet and then its attachments, as Socket.IO does. */
export function writeToEngine(socket: Socket, encoded: readonly (string | Buffer)[], options: PacketOptions): void {
  members(socket).client.writeToEngine(encoded, options);
}

/** The parser's encoder. Returns the packet's text, then its attachments. */
export interface PacketEncoder {
  encode(packet: Packet): [text: string, ...attachments: Buffer[]];
}

/** The encoder that all namespaces of a server share. */
export function encoderOf(namespace: Namespace): PacketEncoder {
  return namespace.server.encoder as unknown as PacketEncoder;
}

/** The engine.io connection of a socket. */
export function engineSocketOf(socket: Socket): EngineSocket {
  return socket.conn as unknown as EngineSocket;
}

/** Replaces the handshake record of a socket, because it contains the client's token. */
export function replaceHandshake(socket: Socket, handshake: Socket["handshake"]): void {
  Object.assign(socket, { handshake });
}
