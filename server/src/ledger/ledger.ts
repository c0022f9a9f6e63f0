import type { Limits } from "../protocol/limits.ts";
import type { LedgerReason } from "./ledger-reasons.ts";
import type { CountedLimits } from "./shares/pools.ts";

/**
 * Counts everything that a limit covers in the whole cluster. memory/ counts for one node; redis/ counts for many nodes
 * under leases.
 * Every method answers within the ledger's deadline: without Redis, this node's share decides. Both pass
 * ledger.suite.ts.
 */
export interface Ledger
  extends
    SeatLedger,
    RoomLedger,
    RateLedger,
    DrainBudget,
    CordonLedger,
    RevocationLedger,
    IdempotencyKeys,
    LedgerStatus {
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
  /** Whether a seat is probably free. Answers from memory, before the client is authenticated. */
  seatLikely(): boolean;
  /** This node takes no new clients any more. The other nodes may use its share from now on. */
  retire(): void;
  /** Corrects the ledger to the seats that this node really holds. Answers the number of corrections. */
  sweep(held: { seats: readonly Seat[] }): Promise<{ corrected: number }>;
}

export interface RoomLedger {
  /**
   * Idempotent per socket and room. A user's rooms are counted over all their sockets. `returning`: while an entry of
   * this socket counts on another node, it moves to this node, and no limit is asked.
   */
  enterRoom(entry: RoomEntry, options?: { returning?: ClaimedGeneration }): Promise<RoomAnswer>;
  /** `onEveryNode`: also removes the entry that this socket's client still has on another node. */
  leaveRoom(entry: RoomEntry, options?: { onEveryNode?: boolean }): Promise<{ participantCount: number }>;
  /** The sockets in the room, and their users, over the whole cluster. */
  presence(namespace: string, room: string): Promise<{ participantCount: number; users: readonly string[] }>;
}

export interface RateLedger {
  /** Counts one event of a user. Answers synchronously while this node holds tokens for that user. */
  takeEvent(userId: string, nowMs: number): RateAnswer | Promise<RateAnswer>;
  /** Counts one handshake from an address. The window is 15 minutes long. */
  admitAddress(address: string): RateAnswer | Promise<RateAnswer>;
  /**
   * Takes one handshake off the count of the address, because the server is the reason why its client connects again.
   * Never throws.
   */
  creditAddress(address: string): Promise<void>;
  /** Refuses an address that this node knows to have no handshakes left. Answers from memory. */
  addressRefusal(address: string): { retryAfterMs: number } | undefined;
  /**
   * Stores how many seats each address has on this node. If the node dies, every address gets one handshake back for
   * each of its seats.
   */
  noteAddresses(seats: ReadonlyMap<string, number>): Promise<void>;
}

export interface DrainBudget {
  /**
   * Takes up to `wanted` drain tokens from the bucket that all draining nodes share. One token moves one connection.
   */
  takeDrainTokens(wanted: number): Promise<{ granted: number; nextAfterMs: number }>;
  /**
   * Adds to the number of connections that all draining nodes still have to move, and answers the sum. A negative
   * number subtracts. Each drain token that is taken also subtracts one. Without Redis, the answer is this node's
   * number times the number of draining nodes.
   */
  announceDrain(connections: number): Promise<{ connectionsLeft: number }>;
  /** Connections per second that all draining nodes together may move. Default: 100. */
  setDrainRate(connectionsPerSecond: number): void;
}

/** The nodes that are closed to new clients for a while. */
export interface CordonLedger {
  /**
   * Closes this node to new clients for `forMs`. Resolves to false, and closes nothing, when no other node is open or
   * Redis cannot be used.
   */
  cordon(forMs: number): Promise<boolean>;
  uncordon(): Promise<void>;
}

export interface RevocationLedger {
  /**
   * Revokes on every node within a second. `untilMs` is the token's expiry, after which the revocation is forgotten.
   */
  revoke(target: RevocationTarget, untilMs: number): Promise<void>;
  isRevoked(identity: { userId: string; tokenId?: string; issuedAtMs: number }): boolean;
  /** Calls the listener for each revocation, from this node or another. */
  onRevoked(listener: (target: RevocationTarget) => void): void;
}

export interface IdempotencyKeys {
  /** claimed: first use of the key within the ttl. used: the key was used before. unknown: the ledger is not exact. */
  claimOnce(key: string, ttlMs: number): Promise<"claimed" | "used" | "unknown">;
  /**
   * The same for clients' messages, of which there are many. Above a maximum number per ttl, further messages are not
   * remembered. A message is remembered for one to two ttls.
   */
  claimMessage(id: string, ttlMs: number): Promise<"claimed" | "used" | "unknown">;
}

export interface LedgerStatus {
  /** State for health, metrics and the ledger monitor. Answers from memory. */
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

/**
 * `isPassing`: the limits are not exact, so another node may accept the client, or this node may accept it a moment
 * later.
 */
export type SeatAnswer = { taken: true } | { taken: false; limit: "global" | "user"; isPassing: boolean };
/** The session of a returning client: the hash of its pid, and the generation that this gateway's claim gave it. */
export interface ClaimedGeneration {
  hash: string;
  generation: number;
}

/** isTaken: another gateway has claimed the returning client's session since, and has its rooms. */
export type RoomAnswer =
  | { entered: true; participantCount: number; first: boolean }
  | { entered: false; currentRoomCount: number; isTaken?: true };
export type RateAnswer = { allowed: true } | { allowed: false; retryAfterMs: number };
export type RevocationTarget = { tokenId: string } | { userId: string };

export interface LedgerState {
  /**
   * cluster: exact counts over all nodes. share: Redis cannot be used, so this node's share decides. local: one node
   * without Redis.
   */
  mode: "cluster" | "share" | "local";
  connections: number;
  nodes: number;
  limits: Limits;
  exactness: Exactness;
}

/**
 * Whether the limits are exact. While they are not: the reason, and whether this node's share can still let clients in.
 */
export type Exactness =
  | { isExact: true }
  | {
      isExact: false;
      /** Whether the limits were exact at any time since this gateway started. */
      everExact: boolean;
      reason: LedgerReason;
      /** One sentence that contains no credentials. */
      message: string;
      sinceMs: number;
      share: CountedLimits;
      /** False when this node's share is so small that it can never let a client in. */
      everUsable: boolean;
    };
