import type { Announcements } from "./bus.ts";

export interface CanariesOptions {
  nodeId: string;
  announcements: Announcements;
  now: () => number;
}

/** A gateway that has not been heard for this long is not counted. */
const NODE_SILENT_MS = 5000;
/** Counted at most: names of gateways come from Redis. */
const MOST_NODES = 10_000;
const MOST_BYTES = 16_384;
/** Gateway, time of sending, announcement. Earlier releases send and read the first two only. */
const CANARY = /^(\S+) (\d+)(?: (.*))?$/s;

/** The messages by which gateways prove that a Redis carries theirs, and know of each other. */
export class Canaries {
  readonly #options: CanariesOptions;
  /** Gateway → when its last canary came. */
  readonly #heardAtMs = new Map<string, number>();

  constructor(options: CanariesOptions) {
    this.#options = options;
  }

  /** This gateway's canary of now. */
  next(): string {
    const { nodeId, announcements, now } = this.#options;
    return `${nodeId} ${now()} ${announcements.text()}`;
  }

  /** Takes a canary; answers the milliseconds it was under way when it is this gateway's own. */
  received(message: Buffer): number | undefined {
    const { nodeId, announcements, now } = this.#options;
    const [, node, sentAt, text = ""] = CANARY.exec(message.subarray(0, MOST_BYTES).toString()) ?? [];
    if (node === undefined) return undefined;
    if (this.#heardAtMs.size < MOST_NODES || this.#heardAtMs.has(node)) this.#heardAtMs.set(node, now());
    if (node === nodeId) return Math.max(0, now() - Number(sentAt));
    announcements.heard(node, text);
    return undefined;
  }

  /** Gateways heard lately, this one included. */
  nodes(): number {
    const since = this.#options.now() - NODE_SILENT_MS;
    for (const [node, atMs] of this.#heardAtMs) if (atMs < since) this.#heardAtMs.delete(node);
    return Math.max(1, this.#heardAtMs.size);
  }
}
