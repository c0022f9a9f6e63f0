// Undocumented behaviour of @socket.io/redis-adapter 8.
import { RedisAdapter } from "@socket.io/redis-adapter";
import type { LocalSockets, Peers } from "./socket-io-adapter.ts";

/** The methods of a Redis client that the adapter calls for requests between servers. */
export interface RequestClient {
  publish(channel: string, message: string | Buffer): unknown;
  subscribe(channels: readonly string[]): void;
  unsubscribe(channels: readonly string[]): void;
  on(event: string, listener: (channel: string, message: Buffer) => unknown): void;
  off(event: string): void;
  psubscribe(): void;
  punsubscribe(): void;
  listenerCount(): number;
}

/** The channels of requests between servers and of their answers. */
export interface Channels {
  publish(channel: string, message: string | Buffer): unknown;
  listen(kind: "channels", names: readonly string[], listener: RequestListener): void;
  stopListening(kind: "channels", names: readonly string[]): void;
}

type RequestListener = (channel: string, message: Buffer) => unknown;

/**
 * Takes the place of a Redis client in one adapter. It carries the adapter's requests and answers, but no broadcasts.
 */
export function requestClient(channels: Channels): RequestClient {
  let listener: RequestListener | undefined;
  return {
    publish: (channel, message) => channels.publish(channel, message),
    subscribe: (names) => channels.listen("channels", names, (channel, message) => listener?.(channel, message)),
    unsubscribe: (names) => channels.stopListening("channels", names),
    on(event, newListener) {
      // Ignore the listener for "pmessageBuffer". It is for broadcasts, which go to the fan-out instead.
      if (event === "messageBuffer") listener = newListener;
    },
    off: () => undefined,
    psubscribe: () => undefined,
    punsubscribe: () => undefined,
    listenerCount: () => 2,
  };
}

/** The stock adapter. It is used only for requests to the other servers and for answers to their requests. */
export interface PeerAdapter extends Peers, Pick<RedisAdapter, "close"> {
  /** The name of this server in messages. */
  readonly uid: string;
  /** The msgpack codec. Both functions throw on invalid input. `decode` also throws when bytes follow the value. */
  readonly parser: { encode(value: unknown): Buffer; decode(bytes: Buffer): unknown };
}

/** Makes an adapter for requests between servers. It reads the rooms and sockets of the namespace's main adapter. */
export function requestPeers(
  { namespace, rooms, sids }: LocalSockets,
  client: RequestClient,
  { key, serverCount }: { key: string; serverCount: () => number },
): PeerAdapter {
  const adapter = new RedisAdapter(namespace, client, client, { key });
  return Object.assign(adapter, { rooms, sids, serverCount: async () => serverCount() });
}
