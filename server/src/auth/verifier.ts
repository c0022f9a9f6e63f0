import type { AuthConfig } from "./auth-config.ts";
import { hmacTokens } from "./hmac-tokens.ts";
import type { VerifyToken } from "./identity.ts";
import { jwksIssuers } from "./jwks-issuers.ts";
import { rememberedTokens } from "./remembered-tokens.ts";

/** Verifies tokens in the way that is configured; undefined where tokens are not checked. */
export function verifier(
  auth: AuthConfig,
  onFetchFailed: (issuer: string, reason: string) => void,
): VerifyToken | undefined {
  switch (auth.type) {
    case "none":
      return undefined;
    case "hmac":
      return rememberedTokens(hmacTokens(auth.secrets));
    case "issuers":
      return jwksIssuers(auth.issuers, { fetch, onFetchFailed });
  }
}
