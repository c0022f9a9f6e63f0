import { createHmac, createSecretKey, timingSafeEqual, type KeyObject } from "node:crypto";
import { objectIn } from "./base64url-json.ts";
import { refuse } from "../protocol/refusals.ts";
import { identityOf, type VerifyToken } from "./identity.ts";

const wellKnown =
  /^(change|your|secret|default|example|test|demo|supersecret|my)[-_ ]?(me|this|in|key|jwt|secret|super|production|default)/i;

/** What makes a secret unfit for HS256 (RFC 7518 §3.2 asks for 256 bits), or undefined. */
export function weaknessOf(secret: string): string | undefined {
  if (Buffer.byteLength(secret) < 32) return "must have at least 32 bytes";
  if (new Set(secret).size < 8) return "repeats a few characters";
  return wellKnown.test(secret) ? "is a well-known default" : undefined;
}

/**
 * Verifies HS256 tokens (RFC 7515 §7.1) against each secret: an old one stays valid while a new one is rolled out.
 * Synchronous: Web Crypto, which jose uses, takes ten times as long. A test compares the verdicts with those of jose.
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
    if (typeof claims["nbf"] === "number" && claims["nbf"] * 1000 > nowMs)
      return refuse("UNAUTHENTICATED", { message: "the token is not valid yet" });
    return identityOf(claims, nowMs);
  };
}

function notHs256(): ReturnType<typeof refuse> {
  return refuse("UNAUTHENTICATED", { message: "the token is not a valid HS256 token" });
}

// An extension that must be understood (crit, RFC 7515 §4.1.11) is none of ours.
function isPlainHs256(header: Record<string, unknown> | undefined): boolean {
  return header !== undefined && header["alg"] === "HS256" && !("crit" in header);
}

/** Compared as text, so that only the one canonical base64url form counts. */
function isSignature(given: string, key: KeyObject, signed: string): boolean {
  const wanted = createHmac("sha256", key).update(signed).digest("base64url");
  return given.length === wanted.length && timingSafeEqual(Buffer.from(given, "latin1"), Buffer.from(wanted, "latin1"));
}

function isDate(claim: unknown): boolean {
  return claim === undefined || typeof claim === "number";
}
