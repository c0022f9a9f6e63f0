import type { Announcements } from "./bus.ts";

export interface CanariesOptions {
  nodeId: string;
  announcements: Announcements;
  now: () => number;
}

/** A gateway whose canaries stop for this long is not counted any more. */
const NODE_SILENT_MS = 5000;
/** Count at most this many gateways, because any Redis client can send canaries with invented names. */
const MOST_NODES = 10_000;
const MOST_BYTES = 16_384;
/**
 * The fields of a canary: gateway, time of sending, announcement. Earlier releases send and read only the first two.
 */
const CANARY = /^(\S+) (\d+)(?: (.*))?$/s;

/**
 * Canaries: messages that each gateway sends to all. They prove that a Redis delivers this gateway's messages, and they
 * count the gateways.
 */
export class Canaries {
  readonly #options: CanariesOptions;
  /** Gateway → arrival time of its last canary. */
  readonly #heardAtMs = new Map<string, number>();

  constructor(options: CanariesOptions) {
    this.#options = options;
  }

  /** A new canary of this gateway. */
  next(): string {
    const { nodeId, announcements, now } = this.#options;
    return `${nodeId} ${now()} ${announcements.text()}`;
  }

  /** Handles a canary. If this gateway sent it, returns its round trip in milliseconds. */
  received(message: Buffer): number | undefined {
    const { nodeId, announcements, now } = this.#options;
    const [, node, sentAt, text = ""] = CANARY.exec(message.subarray(0, MOST_BYTES).toString()) ?? [];
    if (node === undefined) return undefined;
    if (this.#heardAtMs.size < MOST_NODES || this.#heardAtMs.has(node)) this.#heardAtMs.set(node, now());
    if (node === nodeId) return Math.max(0, now() - Number(sentAt));
    announcements.heard(node, text);
    return undefined;
  }

  /** Number of gateways heard lately, this one included. */
  nodes(): number {
    const since = this.#options.now() - NODE_SILENT_MS;
    for (const [node, atMs] of this.#heardAtMs) if (atMs < since) this.#heardAtMs.delete(node);
    return Math.max(1, this.#heardAtMs.size);
  }
}
