import type { Limits } from "../protocol/limits.ts";

export type { Limits };

/**
 * The books of everything that is counted across the cluster: seats (connections), rooms, event tokens, handshakes, drain
 * tokens, revocations. memory-ledger.ts keeps them for one node, redis-ledger.ts for many, under node leases: what a dead node held
 * is free again when its lease ends. One behaviour suite (test/limits/ledger.suite.ts) runs on both.
 * Every method settles within the ledger's own deadline: with Redis away the answer comes from this node's share. What needs no round trip is answered
 * within the turn.
 */
export interface Ledger {
  /** Counts a connection of a user. Takes nothing when it refuses. A token may be taken once only per socket id. */
  takeSeat(seat: { socketId: string; userId: string }): SeatAnswer | Promise<SeatAnswer>;
  releaseSeat(seat: { socketId: string; userId: string }): Promise<void>;
  /** Whether the cluster has a free seat, before anything is known of the client; local knowledge, never a round trip. */
  seatLikely(): boolean;
  /** Idempotent per socket and room. roomCount counts the user's rooms over all their sockets. */
  enterRoom(entry: RoomEntry): Promise<RoomAnswer>;
  leaveRoom(entry: RoomEntry): Promise<{ participantCount: number }>;
  /** Sockets in the room, over the whole cluster. */
  presence(namespace: string, room: string): Promise<{ participantCount: number; users: readonly string[] }>;
  /** One event of a user; the local bucket first, filled from the cluster's in batches. Synchronous when the bucket has tokens. */
  takeEvent(userId: string, nowMs: number): EventAnswer | Promise<EventAnswer>;
  /** One handshake from an address: a window of 15 minutes. */
  admitAddress(address: string): AddressAnswer | Promise<AddressAnswer>;
  /** Up to `wanted` permissions to move a connection, from the one bucket that all draining nodes share. */
  takeDrainTokens(wanted: number): Promise<{ granted: number; nextAfterMs: number }>;
  /**
   * Adds to what all draining nodes together have to move, or takes back; tokens taken are moves made. Answers the sum: what this node has to
   * move, times the nodes that share the rate, while Redis is away.
   */
  announceDrain(connections: number): Promise<{ connectionsLeft: number }>;
  setLimits(limits: Limits): void;
  /** Connections a second that all draining nodes may move together. Default 100. */
  setDrainRate(connectionsPerSecond: number): void;
  /** Cluster-wide, seen by every node within a second; `untilMs` bounds how long it is kept (the token's own expiry). */
  revoke(target: RevocationTarget, untilMs: number): Promise<void>;
  isRevoked(identity: { userId: string; tokenId?: string; issuedAtMs: number }): boolean;
  /** Called for each revocation made on any node, this one included. */
  onRevoked(listener: (target: RevocationTarget) => void): void;
  /** True the first time within the ttl, false afterwards: for idempotency keys of the publish API. */
  claimOnce(key: string, ttlMs: number): Promise<boolean>;
  /** Puts the books right against what this node really holds; returns what it corrected. */
  sweep(held: { seats: readonly { socketId: string; userId: string }[] }): Promise<{ corrected: number }>;
  /** What the books say, for health, metrics and the monitor. Never a round trip. */
  state(): LedgerState;
  close(): Promise<void>;
}

export interface RoomEntry {
  socketId: string;
  userId: string;
  namespace: string;
  room: string;
}

export type SeatAnswer = { taken: true } | { taken: false; limit: "global" | "user" };
export type RoomAnswer =
  { entered: true; participantCount: number; first: boolean } | { entered: false; currentRoomCount: number };
export type EventAnswer = { allowed: true } | { allowed: false; retryAfterMs: number };
export type AddressAnswer = EventAnswer;
export type RevocationTarget = { tokenId: string } | { userId: string };

export interface LedgerState {
  /** cluster: exact over all nodes. share: Redis is away, this node works with its share. local: one node, no Redis wanted. */
  mode: "cluster" | "share" | "local";
  connections: number;
  nodes: number;
  limits: Limits;
}
