import type { Announcements } from "./bus.ts";

export interface CanariesOptions {
  nodeId: string;
  announcements: Announcements;
  now: () => number;
}

/** A gateway is no longer counted when its canaries have stopped for this long. */
const NODE_SILENT_MS = 5000;
/** Count at most this many gateways, because any Redis client can send canaries with invented names. */
const MOST_NODES = 10_000;
const MOST_BYTES = 16_384;
/**
 * A canary has three fields: the gateway's id, the time of sending, and the gateway's announcement. Earlier releases
 * send and read only the first two.
 */
const CANARY = /^(\S+) (\d+)(?: (.*))?$/s;

/**
 * Canaries are messages that each gateway sends to all gateways. A gateway that receives its own canary knows that this
 * Redis delivers its messages. Canaries also count the gateways.
 */
export class Canaries {
  readonly #options: CanariesOptions;
  /** Id of a gateway → time at which its last canary arrived. */
  readonly #heardAtMs = new Map<string, number>();

  constructor(options: CanariesOptions) {
    this.#options = options;
  }

  /** The text of the next test message (canary) of this gateway. */
  next(): string {
    const { nodeId, announcements, now } = this.#options;
    return `${nodeId} ${now()} ${announcements.text()}`;
  }

  /** Handles a canary. If it is this gateway's own, returns the milliseconds since it was sent. */
  received(message: Buffer): number | undefined {
    const { nodeId, announcements, now } = this.#options;
    const [, node, sentAt, text = ""] = CANARY.exec(message.subarray(0, MOST_BYTES).toString()) ?? [];
    if (node === undefined) return undefined;
    if (this.#heardAtMs.size < MOST_NODES || this.#heardAtMs.has(node)) this.#heardAtMs.set(node, now());
    if (node === nodeId) return Math.max(0, now() - Number(sentAt));
    announcements.heard(node, text);
    return undefined;
  }

  /** Number of gateways whose test messages (canaries) arrived recently. This gateway is included. */
  nodes(): number {
    const since = this.#options.now() - NODE_SILENT_MS;
    for (const [node, atMs] of this.#heardAtMs) if (atMs < since) this.#heardAtMs.delete(node);
    return Math.max(1, this.#heardAtMs.size);
  }
}
