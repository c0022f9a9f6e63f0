import type { Connection } from "./connection.ts";

/** A client on its way in needs a few round trips; one that has taken longer than this may have to make room. */
export const SPARED_MS = 500;

type Entering = Pick<Connection, "emptySinceMs" | "cut">;

export interface HalfOpenOptions {
  /** Connections at a time. Each costs what a whole one costs, and nobody's limit counts it yet. */
  most: number;
  onCut: () => void;
}

/**
 * The connections that have entered no namespace yet, in the order they came. Where all places are taken it is the oldest that goes and
 * not the newcomer: an attacker keeps his for as long as he may, an honest client is through in a moment.
 */
export class HalfOpen {
  readonly #options: HalfOpenOptions;
  readonly #waiting = new Set<Entering>();

  constructor(options: HalfOpenOptions) {
    this.#options = options;
  }

  get size(): number {
    return this.#waiting.size;
  }

  add(connection: Entering): void {
    this.#waiting.add(connection);
  }

  /** It has entered, or it has gone. */
  delete(connection: Entering): void {
    this.#waiting.delete(connection);
  }

  /** Whether one more may come, for which the oldest is cut where it must be. */
  makeRoom(nowMs: number): boolean {
    if (this.#waiting.size < this.#options.most) return true;
    const [oldest] = this.#waiting;
    if (oldest === undefined || nowMs - oldest.emptySinceMs < SPARED_MS) return false;
    this.#waiting.delete(oldest);
    this.#options.onCut();
    oldest.cut();
    return true;
  }
}
