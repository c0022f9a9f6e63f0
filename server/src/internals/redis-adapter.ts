// Undocumented members of @socket.io/redis-adapter 8.
import { RedisAdapter } from "@socket.io/redis-adapter";
import type { Adapter, BroadcastOptions } from "socket.io-adapter";
import type { Packet } from "./socket-io-adapter.ts";

export interface RedisAdapterInside extends Omit<Adapter, "_encode" | "broadcast"> {
  onmessage(pattern: unknown, channel: string, message: Buffer): void;
  serverCount(): Promise<number>;
  broadcast(packet: Packet, options: BroadcastOptions): void;
  _encode(packet: Packet, options: object): unknown[];
  hasRoom(room: string): boolean;
  readonly nsp: { readonly name: string };
  readonly uid: string;
  readonly channel: string;
  readonly parser: { encode(value: unknown): Buffer; decode(bytes: Buffer): unknown };
}

/** The clients are what it takes for ioredis. */
export const RedisAdapterClass = RedisAdapter as unknown as new (
  namespace: unknown,
  publisher: object,
  listener: object,
  options: { key: string },
) => RedisAdapterInside;
