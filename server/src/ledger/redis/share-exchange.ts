import type { Limits } from "../../protocol/limits.ts";
import type { Exactness, LedgerState } from "../ledger.ts";
import { ledgerMessage, ledgerReasonOf } from "../ledger-reasons.ts";
import type { Holdings } from "../memory/holdings.ts";
import type { MemoryRates } from "../memory/memory-ledger.ts";
import type { CountedLimits } from "../shares/pools.ts";
import { Shares, type BusView } from "../shares/shares.ts";
import type { Lease } from "./lease.ts";

/** What the ledger needs of the bus. */
export interface BusPort {
  view(): BusView;
  /** Sends this node's announcement to the other nodes now. */
  announce(): void;
}

export interface ShareExchangeDeps {
  nodeId: string;
  limits: Limits;
  leaseMs: number;
  now: () => number;
  lease: Lease;
  holdings: Holdings;
  rates: MemoryRates;
  bus: BusPort | undefined;
}

const TICK_MS = 1_000;
/**
 * Minimum time between two announcements of changed seats, multiplied by the number of nodes. So all nodes together
 * send at most 100 of them per second.
 */
const ANNOUNCE_MS_PER_NODE = 10;
const deaf: BusView = { hearing: "none", nodes: 1 };

/** Connects this node's shares with its lease in Redis and with the bus. */
export class ShareExchange {
  readonly shares: Shares;
  readonly #deps: ShareExchangeDeps;
  readonly #timer: NodeJS.Timeout;
  #announcing: NodeJS.Timeout | undefined;
  #mostOfOne: { untilMs: number; seats: number; rooms: number } | undefined;
  #above: { untilMs: number; part: number; users: readonly [string, number][] } | undefined;

  constructor(deps: ShareExchangeDeps) {
    this.#deps = deps;
    const { nodeId, limits, leaseMs, now, bus } = deps;
    this.shares = new Shares({
      ...{ id: nodeId, limits, leaseMs, now },
      used: () => this.#used(),
      usersAbove: (part, most) => this.#usersAbove(part, most),
      announce: () => bus?.announce(),
    });
    this.#timer = setInterval(() => this.shares.tick(bus?.view() ?? deaf), TICK_MS);
    this.#timer.unref();
  }

  regained(): void {
    this.shares.regained();
  }

  lost(): void {
    const { lease, bus } = this.#deps;
    const nodes = Math.max(lease.nodes, bus?.view().nodes ?? 1);
    this.shares.lost({ nodes, seatsElsewhere: lease.seatsElsewhere });
  }

  /**
   * Announces a change of this node's seats soon. Must be called when a seat was taken or released. If Redis fails
   * soon, the other nodes must know of this change.
   */
  changed(): void {
    const { bus, lease } = this.#deps;
    if (bus === undefined || this.#announcing !== undefined) return;
    this.#announcing = setTimeout(() => {
      this.#announcing = undefined;
      bus.announce();
    }, ANNOUNCE_MS_PER_NODE * lease.nodes);
    this.#announcing.unref();
  }

  heard(nodeId: string, text: string): void {
    // The other node has just lost its lease, so Redis has possibly failed. Check this node's lease at once.
    if (this.shares.hear(nodeId, text)) void this.#deps.lease.tick();
  }

  /**
   * Number of seats in the whole cluster. While Redis does not count this node, it is computed from the announcements
   * of the other nodes.
   */
  #seats(): number {
    const { lease, holdings } = this.#deps;
    const elsewhere = lease.confirmation.isConfirmed ? undefined : this.shares.seatsElsewhere;
    return elsewhere === undefined ? lease.seats : elsewhere + holdings.connections;
  }

  /** `reason`: why the connection to Redis was down the last time. */
  state(reason: string): Omit<LedgerState, "limits"> {
    const exactness = this.#exactness(reason);
    const mode = exactness.isExact ? "cluster" : "share";
    return { mode, connections: this.#seats(), nodes: this.#deps.lease.nodes, exactness };
  }

  #exactness(reason: string): Exactness {
    const { isConfirmed, everConfirmed: everExact, sinceMs } = this.#deps.lease.confirmation;
    if (isConfirmed) return { isExact: true };
    const { granted: share, everUsable } = this.shares;
    const why = { reason: ledgerReasonOf(reason), message: ledgerMessage(reason) };
    return { isExact: false, everExact, ...why, sinceMs, share, everUsable };
  }

  end(): void {
    clearInterval(this.#timer);
    clearTimeout(this.#announcing);
    this.shares.end();
  }

  #used(): CountedLimits {
    const { holdings, rates, now } = this.#deps;
    if (this.#mostOfOne === undefined || this.#mostOfOne.untilMs <= now())
      this.#mostOfOne = { ...holdings.mostOfOneUser(), untilMs: this.#freshUntilMs() };
    const { seats, rooms } = this.#mostOfOne;
    return {
      maxConnections: holdings.connections,
      maxConnectionsPerUser: seats,
      maxRoomsPerUser: rooms,
      ...rates.used(now()),
      connectionsPerSecond: 0,
    };
  }

  #usersAbove(part: number, most: number): readonly [string, number][] {
    const { holdings, now } = this.#deps;
    if (this.#above === undefined || this.#above.untilMs <= now() || this.#above.part !== part)
      this.#above = { users: holdings.usersAbove(part, most), part, untilMs: this.#freshUntilMs() };
    return this.#above.users;
  }

  /**
   * Until when to use a computed result again. Counting over all users is slow if there are many, so more connections
   * mean a longer time.
   */
  #freshUntilMs(): number {
    const { holdings, now } = this.#deps;
    return now() + Math.min(TICK_MS, holdings.connections / 100);
  }
}
