import type { Identity } from "../auth/identity.ts";

/** A room that a client was in. */
export interface HeldRoom {
  /** Others have been told of the member. */
  isKnown: boolean;
  /** What the gateway had delivered when it was entered. */
  offset: string;
}

/** A client in one namespace, over its connections: what is kept while it is away. */
export interface ClientSession {
  /** Only in the memory of the gateway that made it or was given it. */
  readonly pid: string;
  /** SHA-256 of the pid, by which it is found. */
  readonly hash: string;
  readonly userId: string;
  readonly namespace: string;
  readonly socketId: string;
  /** When it began: whole-namespace messages from before are not missed. */
  readonly begunAt: string;
  /** What its client already had then, where that is more than its gateway had. */
  readonly hadBefore?: string | undefined;
  readonly rooms: Map<string, HeldRoom>;
  readonly tokenId: string | undefined;
  readonly issuedAtMs: number;
  /** Counts its owners. */
  generation: number;
  /** live: connected here. away: its client has gone, and may return. over: ended, or taken over by another owner. */
  state: "live" | "away" | "over";
  awaySinceMs: number;
  /** The grace has passed, and others were told that it has left. */
  hasLeft: boolean;
  /** Called when another connection takes it over, here or on another gateway. */
  onTaken: (where: "here" | "elsewhere") => void;
}

export function tokenOf({ tokenId, issuedAtMs }: Identity): Pick<ClientSession, "tokenId" | "issuedAtMs"> {
  return { tokenId, issuedAtMs };
}
