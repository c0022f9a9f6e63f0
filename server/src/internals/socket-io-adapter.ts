// Undocumented members of socket.io-adapter 2.5.
import type { Socket } from "socket.io";
import type { Adapter, BroadcastOptions } from "socket.io-adapter";

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
 * `broadcast` is `_encode` and then, with nothing between, one `apply` whose callback writes to one socket. Both are called on
 * `this`, so a subclass sees the broadcasts of every adapter built on this one. `broadcastWithAck` gives its packet an id first.
 */
export interface AdapterInside extends Omit<Adapter, "addAll" | "del" | "delAll"> {
  _encode(packet: Packet, options: PacketOptions): unknown[];
  apply(options: BroadcastOptions, callback: MemberCallback): void;
  addAll(id: string, rooms: Set<string>): void;
  del(id: string, room: string): void;
  delAll(id: string): void;
}

// A mixin's constructor must take any arguments (TypeScript's rule for classes that extend a type parameter).
// eslint-disable-next-line @typescript-eslint/no-explicit-any
export type AdapterConstructor = new (...args: any[]) => Adapter;

/** An adapter's class with its undocumented members. */
export function adapterInside(Class: AdapterConstructor): new (...args: unknown[]) => AdapterInside {
  return Class as unknown as new (...args: unknown[]) => AdapterInside;
}

/** The class as Socket.IO takes it. */
export function asAdapter(Class: new (namespace: unknown) => object): typeof Adapter {
  return Class as unknown as typeof Adapter;
}
