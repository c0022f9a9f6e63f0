import { parseAnnouncement, type Announcement } from "./announcement.ts";

export interface Peer extends Announcement {
  id: string;
}

/** How many Redis servers of the bus this node can hear: all, some, or none. */
export type Hearing = "all" | "some" | "none";

/** A silent node counts as gone after this time, while this node hears every Redis of the bus. */
const GONE_MS = 15_000;
/** The time while this node hears only some Redis servers: other nodes may still hear the silent node. */
const GONE_IF_SOME_MS = 60_000;
const MOST_PEERS = 10_000;

/** The other nodes of the cluster, known from their announcements on the bus. */
export class Peers {
  readonly #id: string;
  readonly #peers = new Map<string, Peer & { heardAtMs: number }>();
  #deafSinceMs: number | undefined = 0;
  #hearsAllSinceMs = 0;
  #hearsSomeSinceMs = 0;

  constructor(id: string) {
    this.#id = id;
  }

  /** Returns undefined for text that is not an announcement of another node, and for an old announcement. */
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

  /** The caller runs this once per second. While this node hears no Redis at all, it forgets no peer. */
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

  /** Milliseconds for which this node has heard the bus without a break. */
  listenedMs(nowMs: number): number {
    return this.#deafSinceMs === undefined ? nowMs - this.#hearsSomeSinceMs : 0;
  }

  all(): Peer[] {
    return [...this.#peers.values()].filter(({ state }) => state !== "gone");
  }
}
