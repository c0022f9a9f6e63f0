// Undocumented behaviour of @socket.io/redis-adapter 8.
import { RedisAdapter } from "@socket.io/redis-adapter";
import type { LocalSockets, Peers } from "./socket-io-adapter.ts";

/** The methods that the adapter calls on its Redis clients when it carries no broadcasts. */
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

/** The channels of requests and their answers. */
export interface Channels {
  publish(channel: string, message: string | Buffer): unknown;
  listen(kind: "channels", names: readonly string[], listener: RequestListener): void;
  stopListening(kind: "channels", names: readonly string[]): void;
}

type RequestListener = (channel: string, message: Buffer) => unknown;

/** A stand-in Redis client for one adapter. Carries its requests and their answers, but no broadcasts. */
export function requestClient(channels: Channels): RequestClient {
  let listener: RequestListener | undefined;
  return {
    publish: (channel, message) => channels.publish(channel, message),
    subscribe: (names) => channels.listen("channels", names, (channel, message) => listener?.(channel, message)),
    unsubscribe: (names) => channels.stopListening("channels", names),
    on(event, newListener) {
      // Ignore listeners for "pmessageBuffer": broadcasts go to the fan-out.
      if (event === "messageBuffer") listener = newListener;
    },
    off: () => undefined,
    psubscribe: () => undefined,
    punsubscribe: () => undefined,
    listenerCount: () => 2,
  };
}

/** The stock adapter, used only to ask and answer the other servers. */
export interface PeerAdapter extends Peers, Pick<RedisAdapter, "close"> {
  /** This server's name in messages. */
  readonly uid: string;
  /** The msgpack codec. Both functions throw on invalid input; decode rejects bytes after the value. */
  readonly parser: { encode(value: unknown): Buffer; decode(bytes: Buffer): unknown };
}

/** Makes an adapter for requests that uses the rooms and sockets of the namespace's own adapter. */
export function requestPeers(
  { namespace, rooms, sids }: LocalSockets,
  client: RequestClient,
  { key, serverCount }: { key: string; serverCount: () => number },
): PeerAdapter {
  const adapter = new RedisAdapter(namespace, client, client, { key });
  return Object.assign(adapter, { rooms, sids, serverCount: async () => serverCount() });
}
