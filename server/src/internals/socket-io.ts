// Undocumented members of socket.io 4.8.
import { Socket, type Namespace } from "socket.io";
import type { EngineSocket } from "./engine-io.ts";
import type { Packet, PacketOptions } from "./socket-io-adapter.ts";

/** The methods of a socket that Socket.IO calls when it creates, accepts or refuses the socket. */
export interface SocketInside extends Pick<Socket, "nsp" | "request" | "connected" | "join"> {
  id: string;
  emit(event: string, ...args: unknown[]): boolean;
  buildHandshake(auth: object): object;
  _onconnect(): void;
  _cleanup(): void;
  _error(error: { message: string; data: unknown }): void;
}

/** The methods of a namespace that create and connect its sockets. */
export interface NamespaceInside {
  _add(client: ClientInside, auth: object, done: (socket: Socket) => void): void;
  _doConnect(socket: SocketInside, done: (socket: Socket) => void): void;
}

/** Socket.IO's client. All sockets of one engine.io connection share it. */
export interface ClientInside {
  conn: { readyState: string };
  /** Namespace → socket, for each namespace that the client has entered. */
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

/** Returns the same socket with its public type. */
export function publicSocket(socket: SocketInside): Socket {
  return socket as unknown as Socket;
}

/**
 * Whether a socket has listeners to outgoing packets. This check runs once per member and turn of the event loop, and
 * the public method `listenersAnyOutgoing()` would copy the list each time.
 */
export function hasOutgoingListeners(socket: Socket): boolean {
  const listeners = members(socket)._anyOutgoingListeners;
  return listeners !== undefined && listeners.length > 0;
}

/** Calls the socket's listeners to outgoing packets, as Socket.IO does for a broadcast. */
export function notifyOutgoing(socket: Socket, packet: Packet): void {
  members(socket).notifyOutgoingListeners(packet);
}

/**
 * Replaces the function that gets each event of a client. It gets binary events with all their attachments, and no acks
 * and disconnects.
 */
export function replaceOnEvent(socket: Socket, onEvent: (packet: EventPacket) => void): void {
  members(socket).onevent = onEvent;
}

/** Sends an encoded packet and its attachments through engine.io, as Socket.IO does. */
export function writeToEngine(socket: Socket, encoded: readonly (string | Buffer)[], options: PacketOptions): void {
  members(socket).client.writeToEngine(encoded, options);
}

/** The encoder of Socket.IO's parser. It returns the text of the packet, then its attachments. */
export interface PacketEncoder {
  encode(packet: Packet): [text: string, ...attachments: Buffer[]];
}

/** The encoder of the server. All namespaces share it. */
export function encoderOf(namespace: Namespace): PacketEncoder {
  return namespace.server.encoder as unknown as PacketEncoder;
}

export function engineSocketOf(socket: Socket): EngineSocket {
  return socket.conn as unknown as EngineSocket;
}

/** Replaces a socket's handshake data, because they contain the client's token. */
export function replaceHandshake(socket: Socket, handshake: Socket["handshake"]): void {
  Object.assign(socket, { handshake });
}
