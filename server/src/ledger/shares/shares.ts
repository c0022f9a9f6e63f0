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
   * How much of each limit this node uses: its number of seats; for a limit per user or per IP address, the highest use
   * by a single one.
   */
  used: () => CountedLimits;
  /**
   * The users with more than `part` seats on this node, and how many more they have. Only the `most` users with the
   * most seats.
   */
  usersAbove: (part: number, most: number) => readonly [userId: string, excess: number][];
  /** Redis stops counting a dead node after this time. */
  leaseMs: number;
  /** Sends `announcement()` to the other nodes, over every Redis of the bus that can be reached. */
  announce: () => void;
  now: () => number;
}

/** What this node knew of the other nodes when Redis stopped counting it. */
export interface LastKnown {
  nodes: number;
  seatsElsewhere: number;
}

/** What the bus knows about the other nodes. */
export interface BusView {
  hearing: Hearing;
  /** Number of nodes whose test messages (canaries) arrived recently. This node is included. */
  nodes: number;
}

/** Maximum number of users in one announcement, and in the announcements of all nodes together. */
const MOST_EXCESS = 200;
const MOST_EXCESS_HEARD = 1_000;

/** If `tick` was not called for this long, the process was paused. */
const STALE_MS = 5_000;

/**
 * A node raises a claim only after it has received announcements for this long. All nodes have announced themselves
 * more than twice by then.
 */
const LISTEN_MS = 2_500;
/**
 * A node uses a raised claim only after this time. By then, all nodes know the new claim, or this node knows their
 * claims.
 */
const SETTLE_MS = 2_000;

/** Claims are whole numbers, so a drain rate of 1 per second is divided into this many parts. */
const PARTS = 1_000;
const partsOf = (pool: Pool): number => (pool === "connectionsPerSecond" ? PARTS : 1);
/** The limits that a node returns to the others when it takes no new clients. */
const forNewClients: ReadonlySet<Pool> = new Set([
  "maxConnections",
  "maxConnectionsPerUser",
  "maxConnectionsPerAddress",
]);

/**
 * How much of each limit this node can grant while Redis does not count. The node claims a part of each limit and
 * announces it on the bus (claim-rule.ts, ADR 11).
 * While Redis counts, this class computes how much of the limits is claimed by nodes that Redis does not count.
 */
export class Shares {
  readonly #options: SharesOptions;
  readonly #peers: Peers;
  #limits: CountedLimits;
  #state: Announcement["state"] = "share";
  #isRetired = false;
  /** The announced claims. The other nodes leave this much of each limit to this node. */
  #claims = each(() => 0);
  /** How much of each limit this node really grants. Never more than its announced claim. */
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
    // Start above all sequence numbers of an earlier process with the same node id.
    this.#sequence = options.now();
    this.#tickedAtMs = options.now();
  }

  setLimits(limits: Limits): void {
    this.#limits = { ...limits, connectionsPerSecond: this.#limits.connectionsPerSecond };
  }

  setDrainRate(connectionsPerSecond: number): void {
    this.#limits = { ...this.#limits, connectionsPerSecond: connectionsPerSecond * PARTS };
  }

  /** How much of each limit this node can grant without Redis. */
  get granted(): Readonly<CountedLimits> {
    // This process was paused, so the other nodes have possibly divided its share among them.
    if (this.#options.now() - this.#tickedAtMs > STALE_MS) return each(() => 0);
    return each((pool) => Math.min(this.#granted[pool], this.#limits[pool]) / partsOf(pool));
  }

  /** Whether this node's share is large enough to admit a client. */
  get isUsable(): boolean {
    return this.#granted.maxConnections > 0 && this.#granted.maxConnectionsPerUser > 0;
  }

  get everUsable(): boolean {
    return this.#everUsable;
  }

  /**
   * The limits, minus the parts that other nodes have claimed because they cannot count in Redis. For a node that can
   * count in Redis.
   */
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
   * How many seats a user can have on this node. While Redis counts, it is the limit without the parts that other nodes
   * have claimed; otherwise it is this node's share. Two nodes together could exceed the limit if the user already has
   * more than an equal part on one of them. So the seats above an equal part are subtracted here.
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

  /** Whether a node that Redis does not count has claimed a part of at least one limit. */
  get isReduced(): boolean {
    return this.#peers.all().some(({ state, claims }) => state !== "exact" && pools.some((pool) => claims[pool] > 0));
  }

  /** Number of seats on the other nodes, according to their announcements. Undefined if no node has announced. */
  get seatsElsewhere(): number | undefined {
    const peers = this.#peers.all();
    return peers.length === 0 ? undefined : peers.reduce((sum, { seats }) => sum + seats, 0);
  }

  /** Ends this node's claims, because Redis counts it again. From now on, its announcements say how much it uses. */
  regained(): void {
    this.#state = "exact";
    this.#lost = undefined;
    this.#claims = each(() => 0);
    this.#granted = each(() => 0);
    this.#options.announce();
  }

  /**
   * Begins to claim parts of the limits, because Redis has stopped counting this node. The node can use its first claim
   * at once; it is computed from the nodes that this node knows.
   */
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

  /**
   * Computes this node's next claims. Must be called once per second, and after each announcement that changes
   * something.
   */
  tick({ hearing, nodes }: BusView): void {
    const nowMs = this.#options.now();
    this.#peers.hearing(hearing, nowMs);
    if (nowMs - this.#tickedAtMs > STALE_MS) this.#grantAgain(nowMs);
    this.#tickedAtMs = nowMs;
    if (this.#state === "exact" || this.#state === "gone") return;
    const listenedMs = this.#peers.listenedMs(nowMs);
    // Nodes of older releases do not announce which parts of the limits they claim. Only the number of such nodes is
    // known.
    if (listenedMs > LISTEN_MS) this.#unnamed = Math.max(0, nodes - 1 - this.#peers.all().length);
    const mayRaise = this.#mayRaise(hearing, listenedMs);
    const used = this.#options.used();
    const before = this.#claims;
    this.#claims = each((pool) => this.#claimOf(pool, { used: used[pool], mayRaise, nowMs }));
    this.#granted = each((pool) => this.#grantedOf(pool, listenedMs, nowMs));
    this.#everUsable ||= this.isUsable;
    if (pools.some((pool) => this.#claims[pool] !== before[pool])) this.#options.announce();
  }

  /** Handles an announcement of another node. Returns true if Redis has just stopped counting that node. */
  hear(id: string, text: string): boolean {
    const heard = this.#peers.hear(id, text, this.#options.now());
    return heard?.before?.state === "exact" && heard.peer.state === "share";
  }

  /** Makes this node take no new clients from now on. */
  retire(): void {
    this.#isRetired = true;
    this.#options.announce();
  }

  /**
   * Announces that this node is gone, so that the others do not wait until it counts as gone. Must be called after all
   * clients have left.
   */
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
    // With a single node, there is no other node to inform.
    const most = nodes === 1 ? 0 : Math.min(MOST_EXCESS, Math.floor(MOST_EXCESS_HEARD / nodes));
    return new Map(this.#options.usersAbove(part, most).map(([userId, excess]) => [hashOfUser(userId), excess]));
  }

  /**
   * Whether this node is allowed to raise its claims. A node that Redis has never counted cannot know how much is in
   * use on nodes that do not announce claims. It also cannot know whether other nodes announce over a Redis that it
   * cannot reach.
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

  /** Treats all claims as if they were raised now, so that this node grants nothing until they have settled. */
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
