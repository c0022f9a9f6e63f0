import { createLocalJWKSet, decodeJwt, decodeProtectedHeader, errors, jwtVerify } from "jose";
import type { JSONWebKeySet } from "jose";
import { refuse } from "../protocol/refusals.ts";
import type { Refusal } from "../protocol/refusals.ts";
import { identityOf } from "./identity.ts";
import type { VerifyToken } from "./identity.ts";
import { rememberedTokens } from "./remembered-tokens.ts";

/** An issuer whose tokens are let in. The URL comes from the configuration, never from a token. */
export interface Issuer {
  issuer: string;
  audience: string;
  jwksURL: string;
}

const ALGORITHMS = [
  "RS256",
  "RS384",
  "RS512",
  "PS256",
  "PS384",
  "PS512",
  "ES256",
  "ES384",
  "ES512",
  "EdDSA",
  "Ed25519",
];
/** A key set is read again after this, so that a key its issuer withdrew stops counting. */
const FRESH_MS = 600_000;
/** An unknown kid makes the set be read again, but no more often than this: tokens are free to forge. */
const REFETCH_MS = 30_000;
const FETCH_TIMEOUT_MS = 5_000;
const MAX_SET_BYTES = 256 * 1024;

interface KeySet {
  /** Remembers what it has verified; the next reading of the set makes a new one, so that a withdrawn key is forgotten with it. */
  verify: VerifyToken;
  kids: ReadonlySet<string>;
}

interface Entry {
  issuer: Issuer;
  keys: KeySet | undefined;
  triedAtMs: number;
  freshUntilMs: number;
  fetching: Promise<void> | undefined;
}

export interface JwksOptions {
  /** Reads a URL; undici's fetch in production. */
  fetch: typeof globalThis.fetch;
  onFetchFailed: (issuer: string, reason: string) => void;
}

/**
 * Verifies tokens of several issuers. The issuer is looked up before any key, and each has keys of its own, so a kid of one
 * never verifies a token of another. A set that cannot be read again stays in use: an identity provider's outage locks nobody out.
 */
export function jwksIssuers(issuers: readonly Issuer[], { fetch, onFetchFailed }: JwksOptions): VerifyToken {
  const entries = new Map<string, Entry>(
    issuers.map((issuer) => [
      issuer.issuer,
      { issuer, keys: undefined, triedAtMs: -Infinity, freshUntilMs: -Infinity, fetching: undefined },
    ]),
  );

  return async (token, nowMs) => {
    const named = namesIn(token);
    const entry = named === undefined ? undefined : entries.get(named.issuer);
    if (named === undefined || entry === undefined)
      return refuse("UNAUTHENTICATED", { message: "the token's issuer is not known here" });
    if (!ALGORITHMS.includes(named.algorithm))
      return refuse("UNAUTHENTICATED", { message: "the token's algorithm is not allowed" });
    const isKnown = named.kid === undefined || entry.keys?.kids.has(named.kid) === true;
    if (
      (!isKnown || nowMs >= entry.freshUntilMs) &&
      (entry.fetching !== undefined || nowMs - entry.triedAtMs >= REFETCH_MS)
    ) {
      entry.fetching ??= refresh(entry, nowMs).finally(() => (entry.fetching = undefined));
      // With usable keys at hand nobody waits for the network.
      if (!isKnown || entry.keys === undefined) await entry.fetching;
    }
    if (entry.keys === undefined)
      return refuse("INTERNAL", { message: "the keys of the token's issuer cannot be read now" });
    return entry.keys.verify(token, nowMs);
  };

  async function refresh(entry: Entry, nowMs: number): Promise<void> {
    entry.triedAtMs = nowMs;
    try {
      const response = await fetch(entry.issuer.jwksURL, {
        redirect: "error",
        signal: AbortSignal.timeout(FETCH_TIMEOUT_MS),
        headers: { accept: "application/json" },
      });
      if (!response.ok) throw new Error(`the answer was ${response.status}`);
      const set = JSON.parse(await boundedText(response)) as JSONWebKeySet;
      // Symmetric keys in a public document would let anyone sign.
      const keys = set.keys.filter(({ kty }) => kty === "RSA" || kty === "EC" || kty === "OKP");
      const resolve = createLocalJWKSet({ keys });
      entry.keys = {
        verify: rememberedTokens((token, atMs) => verifyWith(resolve, entry.issuer, token, atMs)),
        kids: new Set(keys.flatMap(({ kid }) => kid ?? [])),
      };
      entry.freshUntilMs = nowMs + FRESH_MS;
    } catch (error) {
      onFetchFailed(entry.issuer.issuer, error instanceof Error ? error.message : String(error));
    }
  }
}

async function verifyWith(
  resolve: ReturnType<typeof createLocalJWKSet>,
  { issuer, audience }: Issuer,
  token: string,
  nowMs: number,
): Promise<ReturnType<typeof identityOf>> {
  try {
    const { payload } = await jwtVerify(token, resolve, {
      issuer,
      audience,
      algorithms: ALGORITHMS,
      currentDate: new Date(nowMs),
    });
    return identityOf(payload, nowMs);
  } catch (error) {
    return refusalOf(error);
  }
}

function refusalOf(error: unknown): Refusal {
  if (error instanceof errors.JWTExpired) return refuse("TOKEN_EXPIRED");
  if (error instanceof errors.JWTClaimValidationFailed)
    return refuse("UNAUTHENTICATED", { message: `the token's ${error.claim} is not the one wanted here` });
  if (error instanceof errors.JWKSNoMatchingKey)
    return refuse("UNAUTHENTICATED", { message: "the token's key is not one of its issuer's" });
  return refuse("UNAUTHENTICATED", { message: "the token's signature is not valid" });
}

function namesIn(token: string): { issuer: string; kid: string | undefined; algorithm: string } | undefined {
  try {
    const { kid, alg } = decodeProtectedHeader(token);
    const { iss } = decodeJwt(token);
    return typeof iss === "string" ? { issuer: iss, kid, algorithm: alg ?? "" } : undefined;
  } catch {
    return undefined;
  }
}

async function boundedText(response: Response): Promise<string> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of (response.body ?? []) as AsyncIterable<Uint8Array>) {
    bytes += chunk.byteLength;
    if (bytes > MAX_SET_BYTES) throw new Error(`the key set is larger than ${MAX_SET_BYTES} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}
