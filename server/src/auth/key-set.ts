import { createPublicKey, X509Certificate, type JsonWebKey, type KeyObject } from "node:crypto";
import { withoutNulls } from "./without-nulls.ts";

/** A public key that can verify the signatures of tokens. */
export interface VerifyingKey {
  key: KeyObject;
  kid: string | undefined;
  algorithms: readonly string[];
}

/** Maximum number of keys that are read from a key set. No issuer publishes so many. */
const MOST_KEYS = 256;
/** Maximum number of keys that are tried for a token without a key id. Any client can send such a token. */
const MOST_TRIED = 16;
const LEAST_RSA_BITS = 2048;

/**
 * Parses a key set (RFC 7517 §5), or a JSON object of key ids and certificates (Google's x509 URLs). Throws if no key
 * can be used. Symmetric keys are skipped: the document is public, so with such a key anyone could sign tokens.
 */
export function readKeySet(text: string): readonly VerifyingKey[] {
  const document = jsonIn(text);
  const fields = (typeof document === "object" && document !== null ? document : {}) as Record<string, unknown>;
  if (!Array.isArray(fields["keys"]) && typeof fields["jwks_uri"] === "string")
    throw new Error("the URL returns a discovery document: use the URL in its jwks_uri");
  const entries = Array.isArray(fields["keys"]) ? (fields["keys"] as unknown[]) : certificatesIn(fields);
  const keys = entries.slice(0, MOST_KEYS).flatMap((entry) => verifyingKey(entry) ?? []);
  if (keys.length === 0) throw new Error("the key set has no public key that verifies signatures");
  return keys;
}

/** The keys that could have signed the token. Several keys can have the same key id, and keys can have none. */
export function candidates(
  keys: readonly VerifyingKey[],
  { kid, algorithm }: { kid: string | undefined; algorithm: string },
): readonly VerifyingKey[] {
  const usable = keys.filter(({ algorithms }) => algorithms.includes(algorithm));
  const named = usable.filter((key) => key.kid === kid);
  if (kid !== undefined && named.length > 0) return named.slice(0, MOST_TRIED);
  return usable.filter((key) => kid === undefined || key.kid === undefined).slice(0, MOST_TRIED);
}

/** Some servers begin the text with a byte order mark, which JSON does not allow. */
function jsonIn(text: string): unknown {
  try {
    return JSON.parse(text.replace(/^\uFEFF/, ""));
  } catch (error) {
    throw new Error("the URL returns no JSON, for example a page: check that it is the URL of the key set", {
      cause: error,
    });
  }
}

function certificatesIn(fields: Record<string, unknown>): { kid: string; x5c: string[] }[] {
  return Object.entries(fields).flatMap(([kid, pem]) =>
    typeof pem === "string" && pem.includes("-----BEGIN CERTIFICATE-----")
      ? { kid, x5c: [pem.replaceAll(/-----[^-]+-----|\s/g, "")] }
      : [],
  );
}

function verifyingKey(entry: unknown): VerifyingKey | undefined {
  if (typeof entry !== "object" || entry === null) return undefined;
  const { use, key_ops: operations, kid, alg, ...jwk } = withoutNulls(entry);
  if (use !== undefined && use !== "sig") return undefined;
  if (Array.isArray(operations) && !operations.includes("verify")) return undefined;
  const key = publicKey(jwk);
  const algorithms =
    key === undefined ? [] : algorithmsOf(key).filter((name) => alg === undefined || isSame(name, alg));
  return key === undefined || algorithms.length === 0
    ? undefined
    : { key, kid: typeof kid === "string" ? kid : undefined, algorithms };
}

/**
 * Builds the key from its parameters, or from its certificate. The certificate is not verified, because the URL of the
 * key set is trusted.
 */
function publicKey({ kty, x5c, ...jwk }: Record<string, unknown>): KeyObject | undefined {
  if (kty === "oct") return undefined;
  try {
    const [certificate] = Array.isArray(x5c) ? (x5c as unknown[]) : [];
    if (jwk["n"] === undefined && jwk["x"] === undefined && typeof certificate === "string")
      return new X509Certificate(Buffer.from(certificate, "base64")).publicKey;
    return createPublicKey({ key: { kty, ...jwk } as JsonWebKey, format: "jwk" });
  } catch {
    return undefined;
  }
}

const curves: Readonly<Record<string, string>> = { prime256v1: "ES256", secp384r1: "ES384", secp521r1: "ES512" };

function algorithmsOf({ asymmetricKeyType: type, asymmetricKeyDetails: details = {} }: KeyObject): readonly string[] {
  if (type === "rsa" && (details.modulusLength ?? 0) >= LEAST_RSA_BITS)
    return ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512"];
  if (type === "ec") return [curves[details.namedCurve ?? ""]].filter((name) => name !== undefined);
  return type === "ed25519" ? ["EdDSA", "Ed25519"] : [];
}

/** "Ed25519" is the new name for "EdDSA" with an Ed25519 key (RFC 9864). */
function isSame(name: string, alg: unknown): boolean {
  return name === alg || (name === "EdDSA" && alg === "Ed25519") || (name === "Ed25519" && alg === "EdDSA");
}
