import { refuse, type Refusal } from "../protocol/refusals.ts";

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
const MAX_ROOM_LENGTH = 256;
const MAX_USER_ID_LENGTH = 128;
/** What a revocation can name. */
export const MAX_TOKEN_ID_LENGTH = 256;
/** The last second that has a date (ECMA-262 §21.4.1.1): clients are told expiries as dates. */
const LAST_SECOND = 8_640_000_000_000;

/** The identity that verified claims (RFC 7519) carry; seconds become milliseconds. The refusal names the claim. */
export function identityOf(claims: Record<string, unknown>, nowMs: number, roomsClaim = "rooms"): Identity | Refusal {
  const { sub, exp, iat, jti } = claims;
  if (!isText(sub, MAX_USER_ID_LENGTH))
    return unauthenticated(`the token needs a sub of 1 to ${MAX_USER_ID_LENGTH} characters`);
  if (typeof exp !== "number" || !(exp <= LAST_SECOND)) return unauthenticated("the token needs an exp");
  if (exp * 1000 <= nowMs) return refuse("TOKEN_EXPIRED");
  // A token that claims to be revocable, and is not, is worse than one without a jti.
  if (jti !== undefined && !isText(jti, MAX_TOKEN_ID_LENGTH))
    return unauthenticated(`the token's jti must be a string of 1 to ${MAX_TOKEN_ID_LENGTH} characters`);
  const rooms = claimAt(claims, roomsClaim) ?? [];
  if (!areRooms(rooms))
    return unauthenticated(`the token's ${roomsClaim} must be a list of at most ${MAX_ROOM_CLAIMS} names or patterns`);
  return {
    userId: sub,
    ...(jti === undefined ? {} : { tokenId: jti }),
    issuedAtMs: typeof iat === "number" ? iat * 1000 : 0,
    expiresAtMs: exp * 1000,
    rooms,
  };
}

function unauthenticated(message: string): Refusal {
  return refuse("UNAUTHENTICATED", { message });
}

function isText(claim: unknown, most: number): claim is string {
  return typeof claim === "string" && claim !== "" && claim.length <= most;
}

function areRooms(claim: unknown): claim is string[] {
  return (
    Array.isArray(claim) &&
    claim.length <= MAX_ROOM_CLAIMS &&
    claim.every((room) => typeof room === "string" && room.length <= MAX_ROOM_LENGTH)
  );
}

/**
 * A claim by its name, which may hold dots (`https://example.com/rooms`), or by a path of names (`app_metadata.rooms`).
 */
function claimAt(claims: Record<string, unknown>, name: string): unknown {
  if (Object.hasOwn(claims, name)) return claims[name];
  const path = name.split(".");
  return path.reduce<unknown>((value, part) => {
    if (typeof value !== "object" || value === null || !Object.hasOwn(value, part)) return undefined;
    return (value as Record<string, unknown>)[part];
  }, claims);
}
