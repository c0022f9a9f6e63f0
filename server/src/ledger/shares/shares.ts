import type { Limits } from "../../protocol/limits.ts";
import { formatAnnouncement, hashOfUser, type Announcement } from "./announcement.ts";
import { nextClaim, type Claimant } from "./claim-rule.ts";
import { claimantsAtLoss, claimantsOf } from "./claimants.ts";
import { Peers, type Hearing } from "./peers.ts";
import { each, pools, type CountedLimits, type Pool } from "./pools.ts";

export interface SharesOptions {
  id: string;
  limits: Limits;
  /**
   * What this node uses: its seats; and for each limit per user or per address, the highest use by any one user or
   * address.
   */
  used: () => CountedLimits;
  /**
   * Of the users with more than `part` seats here: the `most` users with the most seats, each with the number of seats
   * above `part`.
   */
  usersAbove: (part: number, most: number) => readonly [userId: string, excess: number][];
  /** The ledger stops counting a dead node's lease after this time. */
  leaseMs: number;
  /** Sends `announcement()` over every reachable Redis of the bus. */
  announce: () => void;
  now: () => number;
}

/** The last values of the ledger before it stopped being exact. */
export interface LastKnown {
  nodes: number;
  seatsElsewhere: number;
}

/** What the bus knows about the other nodes. */
export interface BusView {
  hearing: Hearing;
  /** Number of nodes heard lately, this node included. */
  nodes: number;
}

/** Maximum number of users in one announcement, and in the announcements of all nodes together. */
const MOST_EXCESS = 200;
const MOST_EXCESS_HEARD = 1_000;

/** If no tick came for this long, the process was paused. */
const STALE_MS = 5_000;

/** A node raises a claim only after listening this long: more than two announcements of every node. */
const LISTEN_MS = 2_500;
/** A node uses a raised claim only after this time. By then all nodes know it, or this node knows their claims. */
const SETTLE_MS = 2_000;

/** Claims are whole numbers. A drain rate of 1 per second is divided into this many parts. */
const PARTS = 1_000;
const partsOf = (pool: Pool): number => (pool === "connectionsPerSecond" ? PARTS : 1);
/** A node that takes no new clients gives these limits back. */
const forNewClients: ReadonlySet<Pool> = new Set([
  "maxConnections",
  "maxConnectionsPerUser",
  "maxConnectionsPerAddress",
]);

/**
 * What this node may give out while the ledger is not exact. The node claims a part of each limit and announces it on
 * the bus (claim-rule.ts, ADR 11).
 * While the ledger is exact, this class knows how much of the limits other nodes have claimed.
 */
export class Shares {
  readonly #options: SharesOptions;
  readonly #peers: Peers;
  #limits: CountedLimits;
  #state: Announcement["state"] = "share";
  #isRetired = false;
  /** Announced claims: the other nodes leave this much to this node. */
  #claims = each(() => 0);
  /** What this node may really grant. Never more than the announced claims. */
  #granted = each(() => 0);
  readonly #raisedAtMs = new Map<Pool, number>();
  #lost: { atMs: number; seats: number } | undefined;
  #unnamed = 0;
  #sequence: number;
  #everUsable = false;
  #tickedAtMs: number;

  constructor(options: SharesOptions) {
    this.#options = options;
    this.#peers = new Peers(options.id);
    this.#limits = { ...options.limits, connectionsPerSecond: 100 * PARTS };
    // Start above the sequence numbers of an earlier process with the same id.
    this.#sequence = options.now();
    this.#tickedAtMs = options.now();
  }

  setLimits(limits: Limits): void {
    this.#limits = { ...limits, connectionsPerSecond: this.#limits.connectionsPerSecond };
  }

  setDrainRate(connectionsPerSecond: number): void {
    this.#limits = { ...this.#limits, connectionsPerSecond: connectionsPerSecond * PARTS };
  }

  /** What this node may grant by itself. */
  get granted(): Readonly<CountedLimits> {
    // This process was paused for a while, so other nodes may have taken its share.
    if (this.#options.now() - this.#tickedAtMs > STALE_MS) return each(() => 0);
    return each((pool) => Math.min(this.#granted[pool], this.#limits[pool]) / partsOf(pool));
  }

  /** Whether this node's share is large enough to let a client in. */
  get isUsable(): boolean {
    return this.#granted.maxConnections > 0 && this.#granted.maxConnectionsPerUser > 0;
  }

  get everUsable(): boolean {
    return this.#everUsable;
  }

  /** For a node whose ledger is exact: the limits minus the claims of nodes that the ledger does not count. */
  get leftToLedger(): CountedLimits {
    const claimed = this.#peers.all().filter(({ state }) => state !== "exact");
    return each((pool) => {
      const reserved = claimed.reduce(
        (sum, { claims, leased }) =>
          sum + claims[pool] - (pool === "maxConnections" ? Math.min(leased, claims[pool]) : 0),
        0,
      );
      return Math.max(0, this.#limits[pool] - reserved) / partsOf(pool);
    });
  }

  /**
   * Seats that a user may have here: this node's share, or while the ledger is exact, the rest of the limit. If the
   * user has more than an equal part on other nodes, the excess is subtracted.
   */
  seatsOfUser(userId: string): number {
    const isExact = this.#state === "exact";
    const part = isExact ? this.leftToLedger.maxConnectionsPerUser : this.granted.maxConnectionsPerUser;
    const peers = this.#peers.all().filter(({ state, excess }) => excess.size > 0 && !(isExact && state === "exact"));
    if (peers.length === 0) return part;
    const user = hashOfUser(userId);
    return Math.max(
      0,
      peers.reduce((left, { excess }) => left - (excess.get(user) ?? 0), part),
    );
  }

  /** Whether other nodes claim a part that the ledger does not count. */
  get isReduced(): boolean {
    return this.#peers.all().some(({ state, claims }) => state !== "exact" && pools.some((pool) => claims[pool] > 0));
  }

  /** Seats of the other nodes, from their announcements. Undefined when no node has announced. */
  get seatsElsewhere(): number | undefined {
    const peers = this.#peers.all();
    return peers.length === 0 ? undefined : peers.reduce((sum, { seats }) => sum + seats, 0);
  }

  /** Call when the ledger is exact again. Claims end, and announcements again have what is in use. */
  regained(): void {
    this.#state = "exact";
    this.#lost = undefined;
    this.#claims = each(() => 0);
    this.#granted = each(() => 0);
    this.#options.announce();
  }

  /** Call when the ledger stops being exact. The first claim, computed from the known peers, counts at once. */
  lost({ nodes, seatsElsewhere }: LastKnown): void {
    if (this.#state !== "exact") return;
    const used = this.#options.used();
    this.#state = "share";
    this.#lost = { atMs: this.#options.now(), seats: used.maxConnections };
    const peers = this.#peers.all();
    this.#unnamed = Math.max(0, nodes - 1 - peers.length);
    const seatsUnnamed = Math.max(0, seatsElsewhere - (this.seatsElsewhere ?? 0));
    this.#claims = each((pool) => {
      const first = pool === "maxConnections" ? used.maxConnections : 0;
      return this.#next(pool, first, first, claimantsAtLoss(peers, pool, seatsUnnamed));
    });
    this.#granted = { ...this.#claims };
    this.#raisedAtMs.clear();
    this.#options.announce();
  }

  /** The caller runs this once per second, and after each announcement that changes something. */
  tick({ hearing, nodes }: BusView): void {
    const nowMs = this.#options.now();
    this.#peers.hearing(hearing, nowMs);
    if (nowMs - this.#tickedAtMs > STALE_MS) this.#grantAgain(nowMs);
    this.#tickedAtMs = nowMs;
    if (this.#state === "exact" || this.#state === "gone") return;
    const listenedMs = this.#peers.listenedMs(nowMs);
    // Nodes of an older release do not announce. Only their number is known.
    if (listenedMs > LISTEN_MS) this.#unnamed = Math.max(0, nodes - 1 - this.#peers.all().length);
    const mayRaise = this.#mayRaise(hearing, listenedMs);
    const used = this.#options.used();
    const before = this.#claims;
    this.#claims = each((pool) => this.#claimOf(pool, { used: used[pool], mayRaise, nowMs }));
    this.#granted = each((pool) => this.#grantedOf(pool, listenedMs, nowMs));
    this.#everUsable ||= this.isUsable;
    if (pools.some((pool) => this.#claims[pool] !== before[pool])) this.#options.announce();
  }

  /** Takes an announcement of another node. Returns true when that node has just stopped being exact. */
  hear(id: string, text: string): boolean {
    const heard = this.#peers.hear(id, text, this.#options.now());
    return heard?.before?.state === "exact" && heard.peer.state === "share";
  }

  /** From now on this node takes no new clients. */
  retire(): void {
    this.#isRetired = true;
    this.#options.announce();
  }

  /** Call after all clients have gone: announces that this node is gone, so the others do not wait for its silence. */
  end(): void {
    this.#state = "gone";
    this.#options.announce();
  }

  announcement(): string {
    const { used, now, leaseMs } = this.#options;
    this.#sequence += 1;
    const sequence = this.#sequence;
    const nothing = { claims: each(() => 0), seats: 0, leased: 0, excess: new Map<string, number>() };
    if (this.#state === "gone") return formatAnnouncement({ sequence, state: "gone", ...nothing });
    const inUse = used();
    const seats = inUse.maxConnections;
    const excess = this.#excess();
    if (this.#state === "exact")
      return formatAnnouncement({ sequence, state: "exact", claims: inUse, seats, leased: 0, excess });
    const isLeased = this.#lost !== undefined && now() - this.#lost.atMs < leaseMs;
    const leased = isLeased ? Math.min(this.#lost?.seats ?? 0, seats) : 0;
    const state = this.#isRetired ? "leaving" : "share";
    return formatAnnouncement({ sequence, state, claims: this.#claims, seats, leased, excess });
  }

  #excess(): Map<string, number> {
    const nodes = this.#peers.all().length + 1;
    const limit = this.#limits.maxConnectionsPerUser;
    const part = this.#state === "exact" ? Math.ceil(limit / nodes) : this.#granted.maxConnectionsPerUser;
    // A single node has no other node to inform.
    const most = nodes === 1 ? 0 : Math.min(MOST_EXCESS, Math.floor(MOST_EXCESS_HEARD / nodes));
    return new Map(this.#options.usersAbove(part, most).map(([userId, excess]) => [hashOfUser(userId), excess]));
  }

  /**
   * Whether this node may raise its claims. A node that was never exact cannot know what nodes without announcements
   * hold, nor whether an unreachable Redis hides other nodes.
   */
  #mayRaise(hearing: Hearing, listenedMs: number): boolean {
    if (hearing === "none" || listenedMs < LISTEN_MS) return false;
    if (this.#lost !== undefined) return true;
    return this.#unnamed === 0 && (hearing === "all" || this.#peers.all().length > 0);
  }

  #claimOf(pool: Pool, { used, mayRaise, nowMs }: { used: number; mayRaise: boolean; nowMs: number }): number {
    const claim = this.#claims[pool];
    const others = claimantsOf(this.#peers.all(), pool);
    const isClosed = this.#isRetired && forNewClients.has(pool);
    const next = isClosed ? Math.min(used, claim) : this.#next(pool, claim, used, others);
    if (next <= claim) return next;
    if (!mayRaise || this.#granted[pool] < claim) return claim;
    this.#raisedAtMs.set(pool, nowMs);
    return next;
  }

  /** Treats all claims as if they were raised now. */
  #grantAgain(nowMs: number): void {
    this.#granted = each(() => 0);
    for (const pool of pools) this.#raisedAtMs.set(pool, nowMs);
  }

  #grantedOf(pool: Pool, listenedMs: number, nowMs: number): number {
    const sinceMs = nowMs - (this.#raisedAtMs.get(pool) ?? -Infinity);
    const isSettled = sinceMs >= SETTLE_MS && listenedMs >= Math.min(sinceMs, LISTEN_MS);
    return isSettled ? this.#claims[pool] : Math.min(this.#granted[pool], this.#claims[pool]);
  }

  #next(pool: Pool, claim: number, used: number, others: readonly Claimant[]): number {
    const floor = pool === "maxConnections" ? used : 0;
    const own = { id: this.#options.id, claim, used, floor };
    return nextClaim({ limit: this.#limits[pool], own, others, unnamed: this.#unnamed });
  }
}
