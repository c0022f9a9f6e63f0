import { refuse } from "../protocol/refusals.ts";
import type { Refusal } from "../protocol/refusals.ts";

/** Who a connection is, from its token and from nothing else. */
export interface Identity {
  userId: string;
  /** What revocation by token names. */
  tokenId?: string;
  issuedAtMs: number;
  /** Infinity where tokens are not checked. */
  expiresAtMs: number;
  /** Names and `*` patterns of rooms. */
  rooms: readonly string[];
}

/** Checks a token. What is wrong with it comes back as a refusal; only bugs are thrown. */
export type VerifyToken = (token: string, nowMs: number) => Identity | Refusal | Promise<Identity | Refusal>;

/** Beyond this a token is refused before anything is computed. */
export const MAX_TOKEN_BYTES = 8192;
const MAX_ROOM_CLAIMS = 256;
const MAX_USER_ID_LENGTH = 128;
/** What a revocation can name. */
export const MAX_TOKEN_ID_LENGTH = 256;
/** The last second that has a date (ECMA-262 §21.4.1.1): clients are told expiries as dates. */
const LAST_SECOND = 8_640_000_000_000;

/** The identity that verified claims (RFC 7519) carry; seconds become milliseconds. The refusal names the claim. */
export function identityOf(claims: Record<string, unknown>, nowMs: number): Identity | Refusal {
  const { sub, exp, iat, jti, rooms = [] } = claims;
  if (typeof sub !== "string" || sub === "" || sub.length > MAX_USER_ID_LENGTH) {
    return refuse("UNAUTHENTICATED", { message: `the token needs a sub of 1 to ${MAX_USER_ID_LENGTH} characters` });
  }
  if (typeof exp !== "number" || !(exp <= LAST_SECOND))
    return refuse("UNAUTHENTICATED", { message: "the token needs an exp" });
  if (exp * 1000 <= nowMs) return refuse("TOKEN_EXPIRED");
  // A token that says it can be revoked, and could not be, is worse than none.
  if (jti !== undefined && (typeof jti !== "string" || jti === "" || jti.length > MAX_TOKEN_ID_LENGTH)) {
    return refuse("UNAUTHENTICATED", {
      message: `the token's jti must be a string of 1 to ${MAX_TOKEN_ID_LENGTH} characters`,
    });
  }
  if (
    !Array.isArray(rooms) ||
    rooms.length > MAX_ROOM_CLAIMS ||
    !rooms.every((room) => typeof room === "string" && room.length <= 256)
  ) {
    return refuse("UNAUTHENTICATED", {
      message: `the token's rooms must be a list of at most ${MAX_ROOM_CLAIMS} names or patterns`,
    });
  }
  return {
    userId: sub,
    ...(jti === undefined ? {} : { tokenId: jti }),
    issuedAtMs: typeof iat === "number" ? iat * 1000 : 0,
    expiresAtMs: exp * 1000,
    rooms: rooms as string[],
  };
}
