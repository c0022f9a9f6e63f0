import type { Limits } from "./limits.ts";
import type { Refusal } from "./refusals.ts";

/** Events the gateway sends. The clients' events are in handlers/, one file each. */
export interface ServerEvents {
  connected: (payload: Connected) => void;
  "case:updated": (payload: unknown) => void;
  user_joined: (payload: Presence) => void;
  user_left: (payload: Presence) => void;
  /** In a large room, replaces `user_joined` and `user_left`; see presence.ts. */
  presence: (payload: RoomCount) => void;
  message: (payload: RoomMessage) => void;
  "token:expiring": (payload: { expiresAt: string }) => void;
  "server:draining": (payload: { reconnectWithinMs: number }) => void;
  error: (payload: Refusal & { event?: string }) => void;
}

/** Who may send each event: only the gateway, or also a back end. */
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

/** Names that Socket.IO reserves. Emitting one of them throws. */
const namesOfSocketIo = ["connect", "connect_error", "disconnect", "disconnecting", "newListener", "removeListener"];

/** A back end may publish any event except these. */
export const reservedEvents: readonly string[] = [
  ...Object.entries(serverEvents).flatMap(([name, sender]) => (sender === "gateway" ? [name] : [])),
  ...namesOfSocketIo,
];

/** What a gateway can do that older ones cannot: the optional fields of `send_message`, which older gateways refuse. */
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
  /** Sockets in the room, in the whole cluster. */
  participantCount: number;
}

export interface RoomCount {
  room: string;
  /** Number of sockets in the room at the time of sending, like the number in Presence. */
  participantCount: number;
}

export interface RoomMessage {
  id: string;
  /** The sender's socket id. */
  from: string;
  userId: string;
  room: string;
  message: unknown;
  /** Time of the gateway's clock in ISO 8601. */
  timestamp: string;
}
