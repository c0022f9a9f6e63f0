import type { BusObserver } from "./bus.ts";
import type { Endpoint } from "./endpoint.ts";
import type { SubscriptionKind } from "./subscriptions.ts";

export type Listener = (channel: string, message: Buffer) => unknown;

/**
 * All Redis servers of the bus. Subscribes on all of them, and publishes on one that is up. `publish` never rejects. If
 * a listener throws, only the current message is dropped.
 */
export class Endpoints {
  readonly #endpoints: () => readonly Endpoint[];
  readonly #observer: BusObserver;
  readonly #maxBytes: number;
  readonly #listeners = { channels: new Map<string, Listener>(), patterns: new Map<string, Listener>() };
  #inUse: Endpoint | undefined;

  constructor(endpoints: () => readonly Endpoint[], observer: BusObserver, maxBytes: number) {
    this.#endpoints = endpoints;
    this.#observer = observer;
    this.#maxBytes = maxBytes;
  }

  /** Resolves to true if a Redis has accepted the message. Never rejects; counts messages that it could not publish. */
  async publish(channel: string, message: string | Buffer): Promise<boolean> {
    const endpoint = this.#usable();
    try {
      if (endpoint === undefined) throw new Error("no Redis of the bus is usable");
      await endpoint.publish(channel, message);
      this.#observer.published();
      return true;
    } catch {
      this.#observer.publishFailed();
      return false;
    }
  }

  /** Each name has one listener. A second call with the same name replaces the listener. */
  listen(kind: SubscriptionKind, names: readonly string[], listener: Listener): void {
    for (const name of names) this.#listeners[kind].set(name, listener);
    for (const endpoint of this.#endpoints()) endpoint.subscribe(kind, names);
  }

  stopListening(kind: SubscriptionKind, names: readonly string[]): void {
    for (const name of names) this.#listeners[kind].delete(name);
    for (const endpoint of this.#endpoints()) endpoint.unsubscribe(kind, names);
  }

  /** Passes a message from Redis to the listener of the pattern that it matched, or to the listener of its channel. */
  deliver(pattern: string | undefined, channel: string, message: Buffer): void {
    if (message.length > this.#maxBytes) return this.#observer.dropped("oversized");
    this.#observer.received();
    const listener =
      pattern === undefined ? this.#listeners.channels.get(channel) : this.#listeners.patterns.get(pattern);
    try {
      const handled: unknown = listener?.(channel, message);
      if (handled instanceof Promise) handled.catch(() => this.#observer.dropped("malformed"));
    } catch {
      this.#observer.dropped("malformed");
    }
  }

  /**
   * Keeps the current Redis while it is up, then takes the first one in the list that is up. It does not return to a
   * preferred Redis that is up again, because other gateways may not have reached that Redis yet.
   */
  #usable(): Endpoint | undefined {
    if (this.#inUse?.isUp() !== true) this.#inUse = this.#endpoints().find((endpoint) => endpoint.isUp());
    return this.#inUse;
  }
}
