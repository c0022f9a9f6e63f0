import type { Identity } from "../auth/identity.ts";

/** A room that the client of a session is in. */
export interface HeldRoom {
  /** Whether the other members of the room know this client. */
  isKnown: boolean;
  /** True if a handler of the application let the client in; false if its token did. */
  isGranted: boolean;
  /** The offset of the gateway at the moment when the client entered the room. */
  offset: string;
}

/** Why a session ended here: another connection claimed it, it was ended, or recovery was turned off. */
export type Ending = "taken here" | "taken elsewhere" | "ended" | "turned off";

/** Whether no connection has the session any more: its client has left. */
export function isOverForAll(how: Ending): boolean {
  return how === "ended" || how === "turned off";
}

/** A client in one namespace, across all its connections. The session stays while the client is disconnected. */
export interface ClientSession {
  /** The pid in plain text. Only the gateway that created it knows it, and gateways to which a client showed it. */
  readonly pid: string;
  /** SHA-256 of the pid, which is the key in Redis. */
  readonly hash: string;
  readonly userId: string;
  readonly namespace: string;
  readonly socketId: string;
  /** The offset when the session began. The client can have missed only later messages to the whole namespace. */
  readonly begunAt: string;
  /**
   * An offset: the messages that the client already had when it connected, although this gateway did not have them yet.
   */
  readonly hadBefore?: string | undefined;
  readonly rooms: Map<string, HeldRoom>;
  /**
   * Rooms that the token no longer opened when the client returned last, and the offset with which the client came.
   * When it comes again with this offset, it may not have received `connected`, which names these rooms.
   */
  lostRooms?: ReadonlyMap<string, string> | undefined;
  /** Engine id of the client's last connection. The ledger counts the seat under this id. */
  readonly seat: string;
  tokenId: string | undefined;
  issuedAtMs: number;
  /** Increases with each new owner of the session. */
  generation: number;
  /**
   * live: the client is connected here, or is about to be. away: the client disconnected and may return. over: see
   * Ending.
   */
  state: "live" | "away" | "over";
  awaySinceMs: number;
  /** True when the grace period has passed and the other members were informed that the client has left. */
  hasLeft: boolean;
  /** Called once, when the session is over. */
  onOver: (how: Ending) => void;
}

/** A client that asks for its earlier session. */
export interface Claimer {
  /** Undefined when tokens are not checked. Then the pid alone identifies the session. */
  userId: string | undefined;
  namespace: string;
  /** Engine id of the new connection. */
  seat: string;
}

export function tokenOf({ tokenId, issuedAtMs }: Identity): Pick<ClientSession, "tokenId" | "issuedAtMs"> {
  return { tokenId, issuedAtMs };
}
