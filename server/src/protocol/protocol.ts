import type { Limits } from "../ledger/ledger.ts";
import type { Refusal } from "./refusals.ts";

/** What the gateway sends; the client's events are in handlers/, one file each. */
export interface ServerEvents {
  connected: (payload: { socketId: string; userId: string; serverTime: string; limits: Limits }) => void;
  "case:updated": (payload: unknown) => void;
  user_joined: (payload: Presence) => void;
  user_left: (payload: Presence) => void;
  /** In place of both in a large room, see presence.ts. */
  presence: (payload: RoomCount) => void;
  message: (payload: RoomMessage) => void;
  "token:expiring": (payload: { expiresAt: string }) => void;
  "server:draining": (payload: { reconnectWithinMs: number }) => void;
  error: (payload: Refusal & { event?: string }) => void;
}

/** Names of the gateway's own events, and those that Socket.IO keeps for itself and throws at: a back end may publish any other. */
export const reservedEvents: readonly string[] = [
  "connected",
  "token:expiring",
  "server:draining",
  "error",
  "connect",
  "connect_error",
  "disconnect",
  "disconnecting",
  "newListener",
  "removeListener",
];

export interface Presence {
  room: string;
  socketId: string;
  userId: string;
  /** Sockets in the room, over the whole cluster. */
  participantCount: number;
}

export interface RoomCount {
  room: string;
  /** As in Presence, at the moment of sending. */
  participantCount: number;
}

export interface RoomMessage {
  id: string;
  /** The sender's socket id. */
  from: string;
  userId: string;
  room: string;
  message: unknown;
  /** ISO 8601, the gateway's clock. */
  timestamp: string;
}
