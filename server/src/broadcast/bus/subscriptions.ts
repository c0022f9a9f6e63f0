import type { Cluster, Redis } from "ioredis";

export type SubscriptionKind = "channels" | "patterns";

/** What a connection that listens is subscribed to, and every later one after a reconnect. */
export class Subscriptions {
  readonly #listener: Redis;
  readonly #onRefused: (error: unknown) => void;
  readonly #wanted = { channels: new Set<string>(), patterns: new Set<string>() };

  constructor(listener: Redis | Cluster, onRefused: (error: unknown) => void) {
    this.#listener = listener as Redis;
    this.#onRefused = onRefused;
  }

  /** Sends those that are new where there is a connection. */
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
    sent.catch(() => undefined); // gone with the connection
  }

  /** Sends all of them on a new connection; rejects when one is refused. */
  async sendAll(): Promise<void> {
    for (const kind of ["channels", "patterns"] as const)
      if (this.#wanted[kind].size > 0) await this.#send(kind, [...this.#wanted[kind]]);
  }

  async #send(kind: SubscriptionKind, names: readonly string[]): Promise<void> {
    if (kind === "channels") await this.#listener.subscribe(...names);
    else await this.#listener.psubscribe(...names);
  }
}
