import { refuse, type Refusal } from "../protocol/refusals.ts";
import { withoutNulls } from "./without-nulls.ts";

/** Who a connection belongs to. All fields come from the token. */
export interface Identity {
  userId: string;
  /** The `jti` claim of the token. A token is revoked by this id. */
  tokenId?: string;
  issuedAtMs: number;
  /** When the token expires, in milliseconds since 1970. Infinity if tokens are not checked. */
  expiresAtMs: number;
  /** Rooms that the token allows: names, or patterns with `*`. */
  rooms: readonly string[];
  /** All claims of the token. The application's handlers get them. */
  claims: Readonly<Record<string, unknown>>;
}

/** Checks a token. Returns a refusal if the token is not valid. Throws only because of bugs. */
export type VerifyToken = (token: string, nowMs: number) => Identity | Refusal | Promise<Identity | Refusal>;

/** Maximum length of a token. A longer one is refused before its signature is computed. */
export const MAX_TOKEN_BYTES = 8192;
const MAX_ROOM_CLAIMS = 256;
const MAX_ROOM_LENGTH = 256;
const MAX_USER_ID_LENGTH = 128;
/** Maximum length of a `jti` claim. A revocation cannot name a longer one. */
export const MAX_TOKEN_ID_LENGTH = 256;
/**
 * The last second that a JavaScript Date can represent (ECMA-262 §21.4.1.1). Clients get the time at which their token
 * expires as a date.
 */
const LAST_SECOND = 8_640_000_000_000;

/**
 * Builds the identity from the claims of a verified token (RFC 7519). Seconds become milliseconds. A refusal names the
 * claim that is not valid.
 */
export function identityOf(claims: Record<string, unknown>, nowMs: number, roomsClaim = "rooms"): Identity | Refusal {
  const { sub, exp, iat, jti } = withoutNulls(claims);
  if (!isText(sub, MAX_USER_ID_LENGTH))
    return unauthenticated(`the token needs a sub claim of 1 to ${MAX_USER_ID_LENGTH} characters`);
  if (!isTime(exp)) return unauthenticated(exp === undefined ? "the token needs an exp claim" : NO_TIME);
  if (exp * 1000 <= nowMs) return refuse("TOKEN_EXPIRED");
  // Refuse this token: a revocation cannot name a `jti` of this form, so nobody could revoke the token.
  if (jti !== undefined && !isText(jti, MAX_TOKEN_ID_LENGTH))
    return unauthenticated(`the token's jti must be a string of 1 to ${MAX_TOKEN_ID_LENGTH} characters`);
  const rooms = roomsIn(claimAt(claims, roomsClaim) ?? []);
  if (!areRooms(rooms))
    return unauthenticated(
      `the token's ${roomsClaim} must be a list of at most ${MAX_ROOM_CLAIMS} names or patterns, or a text of them with spaces between`,
    );
  return {
    userId: sub,
    ...(jti === undefined ? {} : { tokenId: jti }),
    issuedAtMs: typeof iat === "number" ? iat * 1000 : 0,
    expiresAtMs: exp * 1000,
    rooms,
    claims,
  };
}

function unauthenticated(message: string): Refusal {
  return refuse("UNAUTHENTICATED", { message });
}

function isText(claim: unknown, most: number): claim is string {
  return typeof claim === "string" && claim !== "" && claim.length <= most;
}

const NO_TIME = "the token's exp must be a number of seconds since 1970";

function isTime(claim: unknown): claim is number {
  return typeof claim === "number" && claim <= LAST_SECOND;
}

/** Some claims are texts with spaces between the values: `scope` (RFC 8693), `scp`, custom attributes of Cognito. */
function roomsIn(claim: unknown): unknown {
  return typeof claim === "string" ? claim.split(" ").filter(Boolean) : claim;
}

function areRooms(claim: unknown): claim is string[] {
  return (
    Array.isArray(claim) &&
    claim.length <= MAX_ROOM_CLAIMS &&
    claim.every((room) => typeof room === "string" && room.length <= MAX_ROOM_LENGTH)
  );
}

/**
 * Finds a claim by its whole name, which can contain dots (`https://example.com/rooms`), or by a path
 * (`app_metadata.rooms`).
 */
function claimAt(claims: Record<string, unknown>, name: string): unknown {
  if (Object.hasOwn(claims, name)) return claims[name];
  const path = name.split(".");
  return path.reduce<unknown>((value, part) => {
    if (typeof value !== "object" || value === null || !Object.hasOwn(value, part)) return undefined;
    return (value as Record<string, unknown>)[part];
  }, claims);
}
