import type { BusObserver } from "./bus.ts";
import type { Endpoint } from "./endpoint.ts";

type Listener = (...args: never[]) => unknown;

/**
 * What the Redis adapter takes for its client, in the shape of ioredis. Publishing settles without ever rejecting, so that an
 * outage cannot become an unhandled rejection; listeners run under guard, so that a malformed message costs itself only.
 */
export class RedisPort {
  readonly #endpoints: () => readonly Endpoint[];
  readonly #observer: BusObserver;
  readonly #maxBytes: number;
  readonly #listeners = new Map<string, Set<Listener>>();
  #inUse: Endpoint | undefined;

  constructor(endpoints: () => readonly Endpoint[], observer: BusObserver, maxBytes: number) {
    this.#endpoints = endpoints;
    this.#observer = observer;
    this.#maxBytes = maxBytes;
  }

  /** Never rejects: what could not be published is counted. */
  async publish(channel: string, message: string | Buffer): Promise<number> {
    const endpoint = this.#usable();
    try {
      if (endpoint === undefined) throw new Error("no Redis of the bus is up");
      await endpoint.publish(channel, message);
      this.#observer.published();
    } catch {
      this.#observer.publishFailed();
    }
    return 0;
  }

  /** The first that is up, and then that one for as long as it is: one that has returned to us may not have returned to the other nodes yet. */
  #usable(): Endpoint | undefined {
    if (this.#inUse?.isUp() !== true) this.#inUse = this.#endpoints().find((endpoint) => endpoint.isUp());
    return this.#inUse;
  }

  subscribe(channels: string | readonly string[]): void {
    for (const endpoint of this.#endpoints()) endpoint.subscribe("channels", [channels].flat());
  }

  psubscribe(pattern: string): void {
    for (const endpoint of this.#endpoints()) endpoint.subscribe("patterns", [pattern]);
  }

  unsubscribe(channels: string | readonly string[]): void {
    for (const endpoint of this.#endpoints()) endpoint.unsubscribe("channels", [channels].flat());
  }

  punsubscribe(pattern: string): void {
    for (const endpoint of this.#endpoints()) endpoint.unsubscribe("patterns", [pattern]);
  }

  on(event: string, listener: Listener): void {
    const listeners = this.#listeners.get(event) ?? new Set();
    this.#listeners.set(event, listeners.add(listener));
  }

  off(event: string, listener: Listener): void {
    this.#listeners.get(event)?.delete(listener);
  }

  listenerCount(event: string): number {
    return (this.#listeners.get(event)?.size ?? 0) + 1; // errors are always handled
  }

  /** A message from the wire, to the adapters that listen. */
  deliver(pattern: string | undefined, channel: string, message: Buffer): void {
    if (message.length > this.#maxBytes) return this.#observer.dropped("oversized");
    this.#observer.received();
    const event = pattern === undefined ? "messageBuffer" : "pmessageBuffer";
    for (const listener of this.#listeners.get(event) ?? []) {
      const args = pattern === undefined ? [channel, message] : [pattern, channel, message];
      try {
        const answer: unknown = Reflect.apply(listener, undefined, args);
        if (answer instanceof Promise) answer.catch(() => this.#observer.dropped("malformed"));
      } catch {
        this.#observer.dropped("malformed");
      }
    }
  }
}
