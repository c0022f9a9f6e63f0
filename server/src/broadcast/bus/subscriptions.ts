import type { Cluster, Redis } from "ioredis";

export type SubscriptionKind = "channels" | "patterns";

/** The subscriptions of a connection. Every later connection gets the same ones after a reconnect. */
export class Subscriptions {
  readonly #listener: Redis;
  readonly #onRefused: (error: unknown) => void;
  readonly #wanted = { channels: new Set<string>(), patterns: new Set<string>() };

  constructor(listener: Redis | Cluster, onRefused: (error: unknown) => void) {
    this.#listener = listener as Redis;
    this.#onRefused = onRefused;
  }

  /** Subscribes to new names when there is a connection. */
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

  /** Subscribes to all names on a new connection. Rejects when Redis refuses one. */
  async sendAll(): Promise<void> {
    for (const kind of ["channels", "patterns"] as const)
      if (this.#wanted[kind].size > 0) await this.#send(kind, [...this.#wanted[kind]]);
  }

  async #send(kind: SubscriptionKind, names: readonly string[]): Promise<void> {
    if (kind === "channels") await this.#listener.subscribe(...names);
    else await this.#listener.psubscribe(...names);
  }
}
