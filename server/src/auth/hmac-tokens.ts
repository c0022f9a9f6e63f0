import { createHmac, createSecretKey, timingSafeEqual, type KeyObject } from "node:crypto";
import { objectIn } from "./base64url-json.ts";
import { refuse } from "../protocol/refusals.ts";
import { identityOf, type VerifyToken } from "./identity.ts";

/** Accepted difference between the clocks of the token's issuer and the gateway. Some libraries set nbf to "now". */
const SKEW_MS = 30_000;
const wellKnown =
  /^(change|your|secret|default|example|test|demo|supersecret|my)[-_ ]?(me|this|in|key|jwt|secret|super|production|default)/i;

/** Why a secret is too weak for HS256, which requires 256 bits (RFC 7518 §3.2). Undefined if it is strong enough. */
export function weaknessOf(secret: string): string | undefined {
  if (Buffer.byteLength(secret) < 32) return "must have at least 32 bytes";
  if (new Set(secret).size < 8) return "repeats a few characters";
  return wellKnown.test(secret) ? "is a well-known default" : undefined;
}

/**
 * Verifies HS256 tokens (RFC 7515 §7.1). A token is valid if any of the secrets has signed it, so a new secret can be
 * introduced while tokens of the old one exist. It is synchronous: Web Crypto, which jose uses, takes ten times as
 * long. A test compares the results with those of jose.
 */
export function hmacTokens(secrets: readonly string[]): VerifyToken {
  const keys = secrets.map((secret) => createSecretKey(Buffer.from(secret)));
  return (token, nowMs) => {
    const [header = "", payload = "", signature, ...rest] = token.split(".", 4);
    if (signature === undefined || rest.length > 0 || !isPlainHs256(objectIn(header))) return notHs256();
    if (!keys.some((key) => isSignature(signature, key, `${header}.${payload}`))) {
      return refuse("UNAUTHENTICATED", { message: "the token's signature is not valid" });
    }
    const claims = objectIn(payload);
    if (claims === undefined || !isDate(claims["iat"]) || !isDate(claims["nbf"])) return notHs256();
    if (typeof claims["nbf"] === "number" && claims["nbf"] * 1000 - SKEW_MS > nowMs)
      return refuse("UNAUTHENTICATED", { message: "the token is not valid yet" });
    return identityOf(claims, nowMs);
  };
}

function notHs256(): ReturnType<typeof refuse> {
  return refuse("UNAUTHENTICATED", { message: "the token is not a valid HS256 token" });
}

// The header `crit` lists extensions that a verifier must understand (RFC 7515 §4.1.11). The gateway understands none,
// so it rejects the token.
function isPlainHs256(header: Record<string, unknown> | undefined): boolean {
  return header !== undefined && header["alg"] === "HS256" && !("crit" in header);
}

/** Compares the signatures as text. So a signature in another base64url spelling is not valid. */
function isSignature(given: string, key: KeyObject, signed: string): boolean {
  const wanted = createHmac("sha256", key).update(signed).digest("base64url");
  return given.length === wanted.length && timingSafeEqual(Buffer.from(given, "latin1"), Buffer.from(wanted, "latin1"));
}

function isDate(claim: unknown): boolean {
  return claim === undefined || typeof claim === "number";
}
