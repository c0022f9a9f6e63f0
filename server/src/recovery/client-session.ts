import type { Identity } from "../auth/identity.ts";

/** A room that a client is in. */
export interface HeldRoom {
  /** The other members were told of the client. */
  isKnown: boolean;
  /** What the gateway had delivered when the client entered. */
  offset: string;
}

/** Why a session is over here: another connection took it, on this gateway or on another one, or it was ended. */
export type Ending = "taken here" | "taken elsewhere" | "ended";

/** A client in one namespace, over all its connections. It is kept while the client is away. */
export interface ClientSession {
  /** Only in the memory of the gateway that made it, or that it was shown to. */
  readonly pid: string;
  /** SHA-256 of the pid; the key in Redis. */
  readonly hash: string;
  readonly userId: string;
  readonly namespace: string;
  readonly socketId: string;
  /** The offset at its beginning. A message to the whole namespace is missed only if it came later. */
  readonly begunAt: string;
  /** What its client already had then, where that is more than its gateway had. */
  readonly hadBefore?: string | undefined;
  readonly rooms: Map<string, HeldRoom>;
  /** The engine id of its last connection, under which the ledger counts the seat. */
  readonly seat: string;
  tokenId: string | undefined;
  issuedAtMs: number;
  /** Grows with each new owner. */
  generation: number;
  /** live: connected here, or about to be. away: its client has gone, and may return. over: see Ending. */
  state: "live" | "away" | "over";
  awaySinceMs: number;
  /** The grace has passed, and the other members were told that the client has left. */
  hasLeft: boolean;
  /** Called once, when it is over. */
  onOver: (how: Ending) => void;
}

/** Who asks for a session. */
export interface Claimer {
  /** Undefined where tokens are not checked: the pid alone decides. */
  userId: string | undefined;
  namespace: string;
  /** The engine id of the new connection. */
  seat: string;
}

export function tokenOf({ tokenId, issuedAtMs }: Identity): Pick<ClientSession, "tokenId" | "issuedAtMs"> {
  return { tokenId, issuedAtMs };
}
