import type { Cluster, Redis } from "ioredis";

export type SubscriptionKind = "channels" | "patterns";

/**
 * The channels and patterns to which a Redis connection subscribes. After a reconnect, `sendAll` subscribes to all of
 * them again.
 */
export class Subscriptions {
  readonly #listener: Redis;
  readonly #onRefused: (error: unknown) => void;
  readonly #wanted = { channels: new Set<string>(), patterns: new Set<string>() };

  constructor(listener: Redis | Cluster, onRefused: (error: unknown) => void) {
    this.#listener = listener as Redis;
    this.#onRefused = onRefused;
  }

  /** Remembers the names. If there is a connection, subscribes to the new ones at once. */
  add(kind: SubscriptionKind, names: readonly string[]): void {
    const wanted = this.#wanted[kind];
    const added = names.filter((name) => !wanted.has(name));
    for (const name of added) wanted.add(name);
    if (added.length > 0 && this.#listener.status === "ready") this.#send(kind, added).catch(this.#onRefused);
  }

  remove(kind: SubscriptionKind, names: readonly string[]): void {
    for (const name of names) this.#wanted[kind].delete(name);
    if (this.#listener.status !== "ready") return;
    const sent = kind === "channels" ? this.#listener.unsubscribe(...names) : this.#listener.punsubscribe(...names);
    sent.catch(() => undefined); // a reconnect subscribes again
  }

  /** Subscribes to all names on a new connection. Rejects if Redis refuses a subscription. */
  async sendAll(): Promise<void> {
    for (const kind of ["channels", "patterns"] as const)
      if (this.#wanted[kind].size > 0) await this.#send(kind, [...this.#wanted[kind]]);
  }

  async #send(kind: SubscriptionKind, names: readonly string[]): Promise<void> {
    if (kind === "channels") await this.#listener.subscribe(...names);
    else await this.#listener.psubscribe(...names);
  }
}
