import { parseAnnouncement, type Announcement } from "./announcement.ts";

export interface Peer extends Announcement {
  id: string;
}

/** From how many Redis servers of the bus this node receives messages: all, some, or none. */
export type Hearing = "all" | "some" | "none";

/**
 * How long a node must be silent until it counts as gone, if this node receives messages from every Redis of the bus.
 */
const GONE_MS = 15_000;
/**
 * Like GONE_MS, if this node receives messages only from some Redis servers. The time is longer, because other nodes
 * could still receive the silent node's messages.
 */
const GONE_IF_SOME_MS = 60_000;
const MOST_PEERS = 10_000;

/** The other nodes of the cluster, as this node knows them from their announcements on the bus. */
export class Peers {
  readonly #id: string;
  readonly #peers = new Map<string, Peer & { heardAtMs: number }>();
  #deafSinceMs: number | undefined = 0;
  #hearsAllSinceMs = 0;
  #hearsSomeSinceMs = 0;

  constructor(id: string) {
    this.#id = id;
  }

  /**
   * Stores an announcement of another node. Returns undefined if the text is no announcement of another node, or is
   * older than the last one of this node.
   */
  hear(id: string, text: string, nowMs: number): { before: Peer | undefined; peer: Peer } | undefined {
    const announcement = parseAnnouncement(text);
    const before = this.#peers.get(id);
    if (announcement === undefined || id === this.#id) return undefined;
    if (before === undefined && this.#peers.size >= MOST_PEERS) return undefined;
    if (before !== undefined && before.sequence >= announcement.sequence) return undefined;
    const peer = { ...announcement, id, heardAtMs: nowMs };
    this.#peers.set(id, peer);
    return { before, peer };
  }

  /**
   * Forgets nodes that have been silent for too long. Must be called once per second. While this node receives messages
   * from no Redis, it forgets no node.
   */
  hearing(hearing: Hearing, nowMs: number): void {
    if (hearing !== "all") this.#hearsAllSinceMs = nowMs;
    if (hearing === "none") this.#hearsSomeSinceMs = nowMs;
    this.#deafSinceMs = hearing === "none" ? (this.#deafSinceMs ?? nowMs) : undefined;
    for (const [id, { heardAtMs, state }] of this.#peers) {
      const silentAllMs = nowMs - Math.max(heardAtMs, this.#hearsAllSinceMs);
      const silentSomeMs = nowMs - Math.max(heardAtMs, this.#hearsSomeSinceMs);
      const isOver = state === "gone" && nowMs - heardAtMs > GONE_IF_SOME_MS;
      if (isOver || silentAllMs > GONE_MS || silentSomeMs > GONE_IF_SOME_MS) this.#peers.delete(id);
    }
  }

  /** For how many milliseconds this node has received messages from the bus without a break. */
  listenedMs(nowMs: number): number {
    return this.#deafSinceMs === undefined ? nowMs - this.#hearsSomeSinceMs : 0;
  }

  all(): Peer[] {
    return [...this.#peers.values()].filter(({ state }) => state !== "gone");
  }
}
