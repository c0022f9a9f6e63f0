import type { Identity } from "../auth/identity.ts";

/** What recovery stores about a room that the client of a session is in. */
export interface HeldRoom {
  /** Whether the other members of the room were told about this client. */
  isKnown: boolean;
  /** True if a handler of the application admitted the client to the room, false if the client's token did. */
  isGranted: boolean;
  /** The gateway's offset at the time when the client entered the room. */
  offset: string;
}

/**
 * Why a session is over on this gateway. taken here: a new connection to this gateway claimed it. taken elsewhere: a
 * connection to another gateway claimed it. ended: the client or the gateway ended it. turned off: recovery was turned
 * off.
 */
export type Ending = "taken here" | "taken elsewhere" | "ended" | "turned off";

/** Whether no gateway has the session any more, because its client has left. */
export function isOverForAll(how: Ending): boolean {
  return how === "ended" || how === "turned off";
}

/**
 * One client in one namespace, over all its connections. The session continues while the client is disconnected and can
 * return.
 */
export interface ClientSession {
  /**
   * The secret by which a client claims its session, in plain text. Only the client knows it, and the gateways to which
   * the client sent it or that created it.
   */
  readonly pid: string;
  /** SHA-256 of the pid. It is the name of the session in Redis. */
  readonly hash: string;
  readonly userId: string;
  readonly namespace: string;
  readonly socketId: string;
  /**
   * The gateway's offset when the session began. For messages to the whole namespace, the client can have missed only
   * later ones.
   */
  readonly begunAt: string;
  /**
   * An offset that was ahead of this gateway's when the client began this session. The messages that it covers must not
   * be sent to the client again.
   */
  readonly hadBefore?: string | undefined;
  readonly rooms: Map<string, HeldRoom>;
  /**
   * Rooms that the client lost when it returned the last time, because its token no longer allows them. Each has the
   * offset that the client sent then. If the client sends the same offset again, it has possibly not got the event
   * `connected`, which lists these rooms.
   */
  lostRooms?: ReadonlyMap<string, string> | undefined;
  /** Engine id of the client's last connection. The ledger counts the client's seat under this id. */
  readonly seat: string;
  tokenId: string | undefined;
  issuedAtMs: number;
  /** Each gateway that claims the session gives it a higher generation number. */
  generation: number;
  /**
   * live: the client is connected to this gateway or is just entering. away: it has disconnected and can return. over:
   * see Ending.
   */
  state: "live" | "away" | "over";
  awaySinceMs: number;
  /** True after the grace period has passed and the other members were told that the client has left. */
  hasLeft: boolean;
  /** Called once, when the session is over on this gateway. */
  onOver: (how: Ending) => void;
}

/** A client that sends the pid of an earlier session. */
export interface Claimer {
  /** The user of the new connection. Undefined if tokens are not checked; the pid alone then identifies the session. */
  userId: string | undefined;
  namespace: string;
  /** Engine id of the client's new connection. */
  seat: string;
}

export function tokenOf({ tokenId, issuedAtMs }: Identity): Pick<ClientSession, "tokenId" | "issuedAtMs"> {
  return { tokenId, issuedAtMs };
}
