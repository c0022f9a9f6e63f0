import { createSecretKey } from "node:crypto";
import { errors, jwtVerify } from "jose";
import { refuse } from "../refusals.ts";
import { identityOf } from "./identity.ts";
import type { VerifyToken } from "./identity.ts";

const wellKnown = /^(change|your|secret|default|example|test|demo|supersecret|my)[-_ ]?(me|this|in|key|jwt|secret|super|production|default)/i;

/** What makes a secret unfit for HS256 (RFC 7518 §3.2 asks for 256 bits), or undefined. */
export function weaknessOf(secret: string): string | undefined {
  if (Buffer.byteLength(secret) < 32) return "must have at least 32 bytes";
  if (new Set(secret).size < 8) return "repeats a few characters";
  return wellKnown.test(secret) ? "is a well-known default" : undefined;
}

/** Verifies HS256 tokens against each secret in turn, so that an old one can stay valid while a new one is rolled out. */
export function hmacTokens(secrets: readonly string[]): VerifyToken {
  const keys = secrets.map((secret) => createSecretKey(Buffer.from(secret)));
  return async (token, nowMs) => {
    for (const key of keys) {
      try {
        const { payload } = await jwtVerify(token, key, { algorithms: ["HS256"], currentDate: new Date(nowMs) });
        return identityOf(payload, nowMs);
      } catch (error) {
        if (error instanceof errors.JWTExpired) return refuse("TOKEN_EXPIRED");
        if (error instanceof errors.JWSSignatureVerificationFailed) continue;
        return refuse("UNAUTHENTICATED", { message: "the token is not a valid HS256 token" });
      }
    }
    return refuse("UNAUTHENTICATED", { message: "the token's signature is not valid" });
  };
}
