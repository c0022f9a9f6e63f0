import { isRefusal, refuse, type Refusal } from "../protocol/refusals.ts";
import { identityOf, type Identity, type VerifyToken } from "./identity.ts";
import { IssuerKeys, type KeysState } from "./issuer-keys.ts";
import { issuerKey, type Issuer } from "./issuer.ts";
import { readSignedToken, type SignedToken } from "./signed-token.ts";
import { withoutNulls } from "./without-nulls.ts";

/** The state of one issuer's keys, for metrics and health. */
export interface IssuerState extends KeysState {
  /** The issuer's URL, as it was configured. */
  issuer: string;
}

export interface JwksOptions {
  /** The function that loads the keys. In production, it is undici's fetch. */
  fetch: typeof globalThis.fetch;
  /** Called when a load of the keys has failed. "again": the previous load failed for the same reason. */
  onFetchFailed: (issuer: string, reason: string, kind: "new" | "again") => void;
  onFetched: (issuer: string) => void;
}

export interface JwksIssuers {
  verify: VerifyToken;
  /** Loads the keys of each issuer whose keys are due. Must be called regularly. */
  refresh: (nowMs: number) => Promise<void>;
  states: () => readonly IssuerState[];
}

/** Accepted difference between the clocks of the issuer and the gateway. */
const SKEW_SECONDS = 30;
/**
 * Claims that can contain a client id: `azp` (OpenID Connect, Clerk), `client_id` (RFC 9068, Cognito), `cid` (Okta),
 * `appid` (Entra ID).
 */
const CLIENT_CLAIMS = ["azp", "client_id", "cid", "appid"] as const;

/**
 * Verifies tokens of several issuers. A key of one issuer never verifies a token of another one. If the keys cannot be
 * loaded again, the loaded keys are still used, so that clients can connect while an issuer is down.
 */
export function jwksIssuers(issuers: readonly Issuer[], options: JwksOptions): JwksIssuers {
  const entries = new Map(
    issuers.map((issuer) => {
      const keys = new IssuerKeys({
        url: issuer.jwksURL,
        fetch: options.fetch,
        identify: ({ claims }, nowMs) => identityFor(issuer, claims, nowMs),
        onFailed: (reason, kind) => options.onFetchFailed(issuer.issuer, reason, kind),
        onRead: () => options.onFetched(issuer.issuer),
      });
      return [issuerKey(issuer.issuer), { issuer, keys }];
    }),
  );
  return {
    async verify(text, nowMs) {
      const token = readSignedToken(text);
      if (isRefusal(token)) return token;
      const { iss } = token.claims;
      const entry = typeof iss === "string" ? entries.get(issuerKey(iss)) : undefined;
      if (entry === undefined)
        return unauthenticated("the token's issuer (its iss claim) is not one of the configured issuers");
      const answer = await entry.keys.verify(token, nowMs);
      if (answer === "no keys") return refuse("ISSUER_UNAVAILABLE");
      return answer === "not signed by it" ? unauthenticated(signatureProblem(token)) : answer;
    },
    async refresh(nowMs) {
      await Promise.all([...entries.values()].map(({ keys }) => keys.refresh(nowMs)));
    },
    states: () => [...entries.values()].map(({ issuer: { issuer }, keys }) => ({ issuer, ...keys.state() })),
  };
}

function signatureProblem({ hasNonce, kid }: SignedToken): string {
  if (hasNonce) return "the token is for Microsoft Graph (its header has a nonce): request a scope of your own API";
  return kid === undefined
    ? "the token's signature is not valid: it names no key, and no key of its issuer matches"
    : "the token's signature is not valid, or its issuer does not have its key";
}

/** Checks the claims of a token with a valid signature (audience, client id, start time), and builds the identity. */
function identityFor(issuer: Issuer, claims: Record<string, unknown>, nowMs: number): Identity | Refusal {
  const set = withoutNulls(claims);
  const problem = audienceProblem(issuer, set) ?? clientProblem(issuer, set) ?? timeProblem(set, nowMs);
  return problem === undefined ? identityOf(claims, nowMs, issuer.roomsClaim) : unauthenticated(problem);
}

function audienceProblem({ audience }: Issuer, { aud }: Record<string, unknown>): string | undefined {
  if (audience === undefined) return undefined;
  if (aud === undefined) return "the token has no aud claim: configure clientId instead of audience for its issuer";
  return aud === audience || (Array.isArray(aud) && aud.includes(audience))
    ? undefined
    : "the token's aud claim names another API";
}

function clientProblem({ clientId }: Issuer, claims: Record<string, unknown>): string | undefined {
  if (clientId === undefined) return undefined;
  const named = CLIENT_CLAIMS.filter((name) => claims[name] !== undefined);
  if (named.length === 0) return `the token names no client: it has none of the claims ${CLIENT_CLAIMS.join(", ")}`;
  // All of these claims that a token has must match. A token with the right `client_id` but the `azp` of another client
  // is refused.
  return named.every((name) => claims[name] === clientId)
    ? undefined
    : `the token's ${named.join(", ")} names another client`;
}

function timeProblem({ iat, nbf }: Record<string, unknown>, nowMs: number): string | undefined {
  for (const [name, value] of Object.entries({ iat, nbf })) {
    if (value !== undefined && typeof value !== "number") return `the token's ${name} is not a number`;
  }
  return typeof nbf === "number" && (nbf - SKEW_SECONDS) * 1000 > nowMs
    ? "the token is not valid yet (its nbf claim)"
    : undefined;
}

function unauthenticated(message: string): Refusal {
  return refuse("UNAUTHENTICATED", { message });
}
