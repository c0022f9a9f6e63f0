import type { Limits } from "../protocol/limits.ts";
import type { LedgerReason } from "./ledger-reasons.ts";
import type { CountedLimits } from "./shares/pools.ts";

/**
 * Counts everything that a limit covers in the whole cluster. memory/ is the ledger of a single node. redis/ is the
 * ledger of several nodes, and each node counts under its lease in Redis. Both pass ledger.suite.ts.
 * Every method answers within the ledger's deadline. If Redis cannot be used, this node's share of the limit decides.
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
   * Takes a seat, or nothing if a limit is reached. Idempotent per socket. `former` is the socket of the same client's
   * last connection. If this socket still has a seat, on any node, the seat moves to the new socket without a check of
   * the limits.
   */
  takeSeat(seat: Seat, former?: string): SeatAnswer | Promise<SeatAnswer>;
  releaseSeat(seat: Seat): Promise<void>;
  /** Whether a seat is probably free. Answers from memory, so it can be called before the client is authenticated. */
  seatLikely(): boolean;
  /** Makes this node take no new clients from now on. The other nodes can use its share of the limits. */
  retire(): void;
  /** Corrects the ledger to the seats that this node really has. Resolves to the number of corrections. */
  sweep(held: { seats: readonly Seat[] }): Promise<{ corrected: number }>;
}

export interface RoomLedger {
  /**
   * Adds a socket to a room, or refuses if the user is in too many rooms. Idempotent per socket and room. The rooms of
   * all sockets of a user count together. `returning`: if the ledger still has this socket in the room on another node,
   * the entry moves to this node without a check of the limit.
   */
  enterRoom(entry: RoomEntry, options?: { returning?: ClaimedGeneration }): Promise<RoomAnswer>;
  /**
   * Removes a socket from a room. `onEveryNode`: also removes the entry that the ledger still has for this socket on
   * another node.
   */
  leaveRoom(entry: RoomEntry, options?: { onEveryNode?: boolean }): Promise<{ participantCount: number }>;
  /** Number of sockets in the room, and their users, in the whole cluster. */
  presence(namespace: string, room: string): Promise<{ participantCount: number; users: readonly string[] }>;
}

export interface RateLedger {
  /** Counts one event of a user. The answer is synchronous while this node has tokens for the user. */
  takeEvent(userId: string, nowMs: number): RateAnswer | Promise<RateAnswer>;
  /** Counts one handshake of an IP address. The window is 15 minutes long. */
  admitAddress(address: string): RateAnswer | Promise<RateAnswer>;
  /**
   * Takes one handshake off the count of the IP address. Called when the client reconnects because of the server. Never
   * throws.
   */
  creditAddress(address: string): Promise<void>;
  /** Returns a refusal if this node knows that the IP address has used all its handshakes. Answers from memory. */
  addressRefusal(address: string): { retryAfterMs: number } | undefined;
  /**
   * Stores how many seats each IP address has on this node. If the node dies, one handshake per seat is taken off the
   * count of each address, because these clients must reconnect.
   */
  noteAddresses(seats: ReadonlyMap<string, number>): Promise<void>;
}

export interface DrainBudget {
  /**
   * Takes up to `wanted` drain tokens. All draining nodes take them from the same token bucket. Each token is the
   * permission to move one connection.
   */
  takeDrainTokens(wanted: number): Promise<{ granted: number; nextAfterMs: number }>;
  /**
   * Adds `connections`, which can be negative, to the number of connections that all draining nodes together still have
   * to move. Resolves to the new number. Each drain token that is taken subtracts one. Without Redis, the answer is an
   * estimate: this node's number times the number of nodes.
   */
  announceDrain(connections: number): Promise<{ connectionsLeft: number }>;
  /** Sets how many connections per second all draining nodes together move. Default: 100. */
  setDrainRate(connectionsPerSecond: number): void;
}

/** The nodes that are closed to new clients for some time. */
export interface CordonLedger {
  /**
   * Closes this node to new clients for `forMs`. If no other node is open, or Redis cannot be used, it closes nothing
   * and resolves to false.
   */
  cordon(forMs: number): Promise<boolean>;
  uncordon(): Promise<void>;
}

export interface RevocationLedger {
  /**
   * Revokes tokens on every node within a second. `untilMs` is the time at which the token expires. The revocation is
   * forgotten then.
   */
  revoke(target: RevocationTarget, untilMs: number): Promise<void>;
  isRevoked(identity: { userId: string; tokenId?: string; issuedAtMs: number }): boolean;
  /** Whether a revoked token is about as old as its revocation, so that the client may have a newer token. */
  isRevocationDoubtful(identity: { userId: string; tokenId?: string; issuedAtMs: number }): boolean;
  /** Calls the listener for each revocation that was made on this node or on another one. */
  onRevoked(listener: (target: RevocationTarget) => void): void;
}

export interface IdempotencyKeys {
  /**
   * Uses a key. claimed: it is the first use within `ttlMs`. used: the key was used before. unknown: Redis cannot be
   * used.
   */
  claimOnce(key: string, ttlMs: number): Promise<"claimed" | "used" | "unknown">;
  /**
   * Like `claimOnce`, for ids of clients' messages. There are many of them, so only a maximum number is remembered per
   * `ttlMs`; all further messages count as new. A message is remembered for at least one `ttlMs` and at most two.
   */
  claimMessage(id: string, ttlMs: number): Promise<"claimed" | "used" | "unknown">;
}

export interface LedgerStatus {
  /** The state for health, metrics and the ledger monitor. Answers from memory. */
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
 * `isPassing`: the refusal is temporary, because this node could not use the whole limit. Another node, or this node a
 * moment later, can still accept the client.
 */
export type SeatAnswer = { taken: true } | { taken: false; limit: "global" | "user"; isPassing: boolean };
/** The session that a returning client has claimed: the SHA-256 of its pid, and the generation number of the claim. */
export interface ClaimedGeneration {
  hash: string;
  generation: number;
}

/** `isTaken`: another gateway has claimed the client's session in the meantime, so the rooms belong to that gateway. */
export type RoomAnswer =
  | { entered: true; participantCount: number; first: boolean }
  | { entered: false; currentRoomCount: number; isTaken?: true };
export type RateAnswer = { allowed: true } | { allowed: false; retryAfterMs: number };
export type RevocationTarget = { tokenId: string } | { userId: string };

export interface LedgerState {
  /**
   * Who decides. cluster: Redis, with exact counts over all nodes. share: this node's share, because Redis cannot be
   * used. local: this node alone, because it has no Redis.
   */
  mode: "cluster" | "share" | "local";
  connections: number;
  nodes: number;
  limits: Limits;
  exactness: Exactness;
}

/**
 * Whether the limits are exact for the whole cluster. While they are not: the reason, and this node's share of the
 * limits.
 */
export type Exactness =
  | { isExact: true }
  | {
      isExact: false;
      /** Whether the limits were exact at any time since this gateway started. */
      everExact: boolean;
      reason: LedgerReason;
      /** The reason in one sentence that contains no credentials. */
      message: string;
      sinceMs: number;
      share: CountedLimits;
      /** False if this node's share has been too small to admit a client since the gateway started. */
      everUsable: boolean;
    };
