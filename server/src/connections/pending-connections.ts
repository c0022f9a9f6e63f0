import type { Connection } from "./connection.ts";

/** A connection in no namespace is closed after this: before the first one, or after the last one. */
export const WITHOUT_NAMESPACE_MS = 5_000;
/** An honest client enters within a few round trips. One that has taken longer than this may have to make room. */
export const SPARED_MS = 500;

type Pending = Pick<Connection, "emptySinceMs" | "close">;

/**
 * The connections that have entered no namespace yet, in the order they came. When all places are taken the oldest one
 * is closed and not the newcomer: an attacker keeps a place as long as possible, an honest client leaves it in a
 * moment.
 */
export class PendingConnections {
  /** Each costs as much as a whole one, and no user's limit counts it yet. */
  readonly #most: number;
  readonly #pending = new Set<Pending>();

  constructor(most: number) {
    this.#most = most;
  }

  get size(): number {
    return this.#pending.size;
  }

  add(connection: Pending): void {
    this.#pending.add(connection);
  }

  /** It has entered, or its connection has ended. */
  delete(connection: Pending): void {
    this.#pending.delete(connection);
  }

  /** Whether one more may come; the oldest is closed where that is needed. */
  makeRoom(nowMs: number): boolean {
    if (this.#pending.size < this.#most) return true;
    const [oldest] = this.#pending;
    if (oldest === undefined || nowMs - oldest.emptySinceMs < SPARED_MS) return false;
    this.#pending.delete(oldest);
    oldest.close("MADE_ROOM");
    return true;
  }
}
