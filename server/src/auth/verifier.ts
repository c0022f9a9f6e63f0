import type { Logger } from "../observability/logger.ts";
import type { Metrics } from "../observability/metrics.ts";
import type { AuthConfig } from "./auth-config.ts";
import { hmacTokens } from "./hmac-tokens.ts";
import type { VerifyToken } from "./identity.ts";
import { jwksIssuers } from "./jwks-issuers.ts";
import { rememberedTokens } from "./remembered-tokens.ts";

/** Checks tokens in the way that is configured; undefined where nobody needs one. */
export function verifier(auth: AuthConfig, metrics: Metrics, logger: Logger): VerifyToken | undefined {
  switch (auth.type) {
    case "none":
      return undefined;
    case "hmac":
      return rememberedTokens(hmacTokens(auth.secrets));
    case "issuers":
      return jwksIssuers(auth.issuers, {
        fetch,
        onFetchFailed(issuer, reason) {
          metrics.jwksFailures.inc();
          logger.warn({ issuer, reason }, "key set could not be read");
        },
      });
  }
}
