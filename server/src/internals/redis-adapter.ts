// Undocumented behaviour of @socket.io/redis-adapter 8.
import { RedisAdapter } from "@socket.io/redis-adapter";
import type { LocalSockets, Peers } from "./socket-io-adapter.ts";

/** What the adapter calls of its Redis clients, in the shape of ioredis, once broadcasts do not pass through it. */
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

/** Where a request client publishes and listens. */
export interface Channels {
  publish(channel: string, message: string | Buffer): unknown;
  listen(kind: "channels", names: readonly string[], listener: RequestListener): void;
  stopListening(kind: "channels", names: readonly string[]): void;
}

type RequestListener = (channel: string, message: Buffer) => unknown;

/** A client that carries the requests of one adapter and their answers, and none of its broadcasts. */
export function requestClient(channels: Channels): RequestClient {
  let listener: RequestListener | undefined;
  return {
    publish: (channel, message) => channels.publish(channel, message),
    subscribe: (names) => channels.listen("channels", names, (channel, message) => listener?.(channel, message)),
    unsubscribe: (names) => channels.stopListening("channels", names),
    on(event, newListener) {
      // Broadcasts are "pmessageBuffer": they go to the fan-out.
      if (event === "messageBuffer") listener = newListener;
    },
    off: () => undefined,
    psubscribe: () => undefined,
    punsubscribe: () => undefined,
    listenerCount: () => 2,
  };
}

/** The stock adapter where it only asks and answers the other servers. */
export interface PeerAdapter extends Peers, Pick<RedisAdapter, "close"> {
  /** Names this server in messages. */
  readonly uid: string;
  /** msgpack. Both throw at what they cannot write or read; decoding allows no byte after the value. */
  readonly parser: { encode(value: unknown): Buffer; decode(bytes: Buffer): unknown };
}

/** An adapter for requests whose rooms and sockets are those of the namespace's own adapter. */
export function requestPeers(
  { namespace, rooms, sids }: LocalSockets,
  client: RequestClient,
  { key, serverCount }: { key: string; serverCount: () => number },
): PeerAdapter {
  const adapter = new RedisAdapter(namespace, client, client, { key });
  return Object.assign(adapter, { rooms, sids, serverCount: async () => serverCount() });
}
