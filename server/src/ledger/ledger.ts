import type { Limits } from "../protocol/limits.ts";
import type { LedgerReason } from "./ledger-reasons.ts";
import type { CountedLimits } from "./shares/pools.ts";

/**
 * Everything that is counted over the whole cluster. memory/ counts for one node; redis/ for many, under node leases:
 * what a dead node held is free again when its lease ends. One behaviour suite (test/ledger/ledger.suite.ts) runs on
 * both. Every method settles within the ledger's own deadline: without Redis the answer comes from this node's share.
 */
export interface Ledger
  extends SeatLedger, RoomLedger, RateLedger, DrainBudget, RevocationLedger, IdempotencyKeys, LedgerStatus {
  setLimits(limits: Limits): void;
  close(): Promise<void>;
}

/** A seat is one connection's place under maxConnections and maxConnectionsPerUser. */
export interface SeatLedger {
  /**
   * Idempotent per socket. Takes nothing when it refuses. `former` is the socket of the same client's last connection:
   * while its seat counts, on whichever node, the seat moves to this socket, and no limit is asked.
   */
  takeSeat(seat: Seat, former?: string): SeatAnswer | Promise<SeatAnswer>;
  releaseSeat(seat: Seat): Promise<void>;
  /** Whether a seat is likely to be free, before anything is known of the client. Never a round trip. */
  seatLikely(): boolean;
  /** From now on this node takes no new clients: the others may use its share. */
  retire(): void;
  /** Corrects the ledger by what this node really holds; answers the number of corrections. */
  sweep(held: { seats: readonly Seat[] }): Promise<{ corrected: number }>;
}

export interface RoomLedger {
  /**
   * Idempotent per socket and room. A user's rooms are counted over all their sockets. `isReturning`: while an entry of
   * this socket counts on another node, it moves to this node, and no limit is asked.
   */
  enterRoom(entry: RoomEntry, options?: { isReturning?: boolean }): Promise<RoomAnswer>;
  /** `onEveryNode`: also ends the entry of a node that this socket's client was connected to before. */
  leaveRoom(entry: RoomEntry, options?: { onEveryNode?: boolean }): Promise<{ participantCount: number }>;
  /** Sockets in the room, over the whole cluster. */
  presence(namespace: string, room: string): Promise<{ participantCount: number; users: readonly string[] }>;
}

export interface RateLedger {
  /** One event of a user. Answered within the turn while this node has tokens of the user's window. */
  takeEvent(userId: string, nowMs: number): RateAnswer | Promise<RateAnswer>;
  /** One handshake from an address: a window of 15 minutes. */
  admitAddress(address: string): RateAnswer | Promise<RateAnswer>;
  /** Gives a handshake back: the client comes again for a reason that is not its own. Never throws. */
  creditAddress(address: string): Promise<void>;
  /** What this node remembers of an address without handshakes left; never a round trip. */
  addressRefusal(address: string): { retryAfterMs: number } | undefined;
  /** How many seats each address holds here. If this node dies, as many handshakes are given back. */
  noteAddresses(seats: ReadonlyMap<string, number>): Promise<void>;
}

export interface DrainBudget {
  /** Up to `wanted` permissions to move a connection, from the one bucket that all draining nodes share. */
  takeDrainTokens(wanted: number): Promise<{ granted: number; nextAfterMs: number }>;
  /**
   * Adds to what all draining nodes together have to move, or takes back; a token taken is a move made. Answers the
   * sum. Without Redis: what this node has to move, times the nodes that share the rate.
   */
  announceDrain(connections: number): Promise<{ connectionsLeft: number }>;
  /** Connections a second that all draining nodes may move together. Default 100. */
  setDrainRate(connectionsPerSecond: number): void;
}

export interface RevocationLedger {
  /** In force on every node within a second; kept until `untilMs`, the token's own expiry. */
  revoke(target: RevocationTarget, untilMs: number): Promise<void>;
  isRevoked(identity: { userId: string; tokenId?: string; issuedAtMs: number }): boolean;
  /** Called for each revocation made on any node, this one included. */
  onRevoked(listener: (target: RevocationTarget) => void): void;
}

export interface IdempotencyKeys {
  /**
   * claimed: the first time within the ttl. used: not the first time. unknown: the ledger is not exact, so nobody can
   * tell.
   */
  claimOnce(key: string, ttlMs: number): Promise<"claimed" | "used" | "unknown">;
  /**
   * The same for the messages of clients, which are many: of those beyond a bound in one ttl, none is remembered.
   * It lasts between one ttl and two.
   */
  claimMessage(id: string, ttlMs: number): Promise<"claimed" | "used" | "unknown">;
}

export interface LedgerStatus {
  /** For health, metrics and the monitor. Never a round trip. */
  state(): LedgerState;
}

export interface Seat {
  socketId: string;
  userId: string;
}

export interface RoomEntry extends Seat {
  namespace: string;
  room: string;
}

/** `isPassing`: limits are not exact, so the client may be let in by another node, or by this one later. */
export type SeatAnswer = { taken: true } | { taken: false; limit: "global" | "user"; isPassing: boolean };
export type RoomAnswer =
  { entered: true; participantCount: number; first: boolean } | { entered: false; currentRoomCount: number };
export type RateAnswer = { allowed: true } | { allowed: false; retryAfterMs: number };
export type RevocationTarget = { tokenId: string } | { userId: string };

export interface LedgerState {
  /**
   * cluster: exact over all nodes. share: Redis is away, this node works with its share. local: one node without Redis.
   */
  mode: "cluster" | "share" | "local";
  connections: number;
  nodes: number;
  limits: Limits;
  exactness: Exactness;
}

/**
 * Whether every limit is counted over the whole cluster; otherwise why not, and what this node may give out by itself.
 */
export type Exactness =
  | { isExact: true }
  | {
      isExact: false;
      /** Since this gateway started. */
      everExact: boolean;
      reason: LedgerReason;
      /** One sentence without credentials. */
      message: string;
      sinceMs: number;
      share: CountedLimits;
      /** Whether a client could ever get in by the share. */
      everUsable: boolean;
    };
