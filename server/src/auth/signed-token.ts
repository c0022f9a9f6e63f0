import { refuse, type Refusal } from "../protocol/refusals.ts";
import { objectIn } from "./base64url-json.ts";
import { withoutNulls } from "./without-nulls.ts";

/** The header and the claims of a token whose signature is not verified yet. */
export interface SignedToken {
  text: string;
  algorithm: string;
  kid: string | undefined;
  /** True if the header has a nonce. Tokens for Microsoft Graph have one, and only Microsoft Graph can verify them. */
  hasNonce: boolean;
  claims: Record<string, unknown>;
}

export const algorithms: readonly string[] = [
  ...["RS256", "RS384", "RS512", "PS256", "PS384", "PS512"],
  ...["ES256", "ES384", "ES512", "EdDSA", "Ed25519"],
];

/**
 * Types of signed tokens that are not access tokens (RFC 8725 §3.11). Issuers sign them with the same keys, so their
 * signature is valid, but the gateway must not accept them.
 */
const otherTypes = new Set(["logout+jwt", "secevent+jwt", "dpop+jwt"]);

/**
 * Parses a token in compact form (RFC 7515 §7.1). If the text is no such token, the refusal says what it is instead,
 * for example an encrypted token.
 */
export function readSignedToken(text: string): SignedToken | Refusal {
  const parts = text.split(".", 6);
  if (parts.length === 5)
    return refused("the token is encrypted (five parts): configure its provider to issue signed tokens");
  if (parts.length !== 3)
    return refused("the token is not a JWT (three parts): ask its provider for a JWT access token, not an opaque one");
  const [header, claims] = [objectIn(parts[0]!), objectIn(parts[1]!)];
  if (header === undefined) return refused("the token's header cannot be read");
  if (claims === undefined) return refused("the token's claims cannot be read");
  const { alg, kid, typ, crit, nonce } = withoutNulls(header);
  const problem =
    algorithmProblem(alg) ?? (crit === undefined ? undefined : "the token's crit header is not supported");
  if (problem !== undefined) return refused(problem);
  if (typeof typ === "string" && otherTypes.has(typ.toLowerCase().replace(/^application\//, "")))
    return refused("the token's typ header says that it is not an access token");
  return {
    text,
    algorithm: alg as string,
    kid: typeof kid === "string" ? kid : undefined,
    hasNonce: nonce !== undefined,
    claims,
  };
}

function algorithmProblem(alg: unknown): string | undefined {
  if (typeof alg === "string" && algorithms.includes(alg)) return undefined;
  if (alg === "none" || alg === undefined) return "the token is not signed";
  if (typeof alg === "string" && /^HS\d+$/.test(alg))
    return "the token's algorithm is not allowed: it is signed with a shared secret, but an issuer must sign with a private key";
  return `the token's algorithm is not allowed: use one of ${algorithms.join(", ")}`;
}

function refused(message: string): Refusal {
  return refuse("UNAUTHENTICATED", { message });
}
