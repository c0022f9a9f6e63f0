import type { Limits } from "./limits.ts";
import type { Refusal } from "./refusals.ts";

/** The events that the gateway sends. The events that clients send are in handlers/, one per file. */
export interface ServerEvents {
  connected: (payload: Connected) => void;
  "case:updated": (payload: unknown) => void;
  user_joined: (payload: Presence) => void;
  user_left: (payload: Presence) => void;
  /** Sent in a large room instead of `user_joined` and `user_left`, see presence.ts. */
  presence: (payload: RoomCount) => void;
  message: (payload: RoomMessage) => void;
  "token:expiring": (payload: { expiresAt: string }) => void;
  "server:draining": (payload: { reconnectWithinMs: number }) => void;
  error: (payload: Refusal & { event?: string }) => void;
}

/** Who can send each event: only the gateway, or a back end as well. */
export const serverEvents = {
  connected: "gateway",
  "case:updated": "back end",
  user_joined: "back end",
  user_left: "back end",
  presence: "back end",
  message: "back end",
  "token:expiring": "gateway",
  "server:draining": "gateway",
  error: "gateway",
} as const satisfies Record<keyof ServerEvents, "gateway" | "back end">;

/** Names that Socket.IO reserves. `emit` with one of them throws. */
const namesOfSocketIo = ["connect", "connect_error", "disconnect", "disconnecting", "newListener", "removeListener"];

/** The events that a back end must not publish. It can publish events with any other name. */
export const reservedEvents: readonly string[] = [
  ...Object.entries(serverEvents).flatMap(([name, sender]) => (sender === "gateway" ? [name] : [])),
  ...namesOfSocketIo,
];

/**
 * What this gateway can do that older gateways cannot, so that clients can find out. Each entry is an optional field of
 * `send_message`; older gateways refuse a message with this field.
 */
export const features = ["key", "volatile"] as const;

export interface Connected {
  socketId: string;
  userId: string;
  serverTime: string;
  limits: Limits;
  features: readonly string[];
}

export interface Presence {
  room: string;
  socketId: string;
  userId: string;
  /** Number of sockets in the room, in the whole cluster. */
  participantCount: number;
}

export interface RoomCount {
  room: string;
  /** Number of sockets in the room, in the whole cluster, when the event is sent. */
  participantCount: number;
}

export interface RoomMessage {
  id: string;
  /** Id of the sender's socket. */
  from: string;
  userId: string;
  room: string;
  message: unknown;
  /** The time of the gateway's clock, in ISO 8601. */
  timestamp: string;
}
