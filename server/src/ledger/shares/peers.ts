import { parseAnnouncement, type Announcement } from "./announcement.ts";

export interface Peer extends Announcement {
  id: string;
}

/** How much of the bus this node hears: every Redis of it, some of them, or none. */
export type Hearing = "all" | "some" | "none";

/** Silence after which a node counts as gone, as long as this node hears every Redis of the bus. */
const GONE_MS = 15_000;
/** The same while it hears only some: the silent node may be heard by others. */
const GONE_IF_SOME_MS = 60_000;
const MOST_PEERS = 10_000;

/** The other nodes of the cluster, by what they announce over the bus. */
export class Peers {
  readonly #id: string;
  readonly #peers = new Map<string, Peer & { heardAtMs: number }>();
  #deafSinceMs: number | undefined = 0;
  #hearsAllSinceMs = 0;
  #hearsSomeSinceMs = 0;

  constructor(id: string) {
    this.#id = id;
  }

  /** Undefined: not an announcement of another node, or an old one. */
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

  /** To be called once a second. Nobody is forgotten while this node hears nothing at all. */
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

  /** How long this node has heard something of the bus without a break. */
  listenedMs(nowMs: number): number {
    return this.#deafSinceMs === undefined ? nowMs - this.#hearsSomeSinceMs : 0;
  }

  all(): Peer[] {
    return [...this.#peers.values()].filter(({ state }) => state !== "gone");
  }
}
