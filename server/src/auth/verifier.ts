import type { AuthConfig } from "./auth-config.ts";
import { hmacTokens } from "./hmac-tokens.ts";
import type { VerifyToken } from "./identity.ts";
import { jwksIssuers, type IssuerState, type JwksOptions } from "./jwks-issuers.ts";
import { rememberedTokens } from "./remembered-tokens.ts";

/** Checks tokens in the way that the configuration says. */
export interface Verifier {
  /** Checks a client's token. Undefined if clients need no token. */
  verify: VerifyToken | undefined;
  issuerKeys: WatchedKeys;
}

/** The keys of all configured issuers. A timer loads them again regularly. */
export interface WatchedKeys {
  states: () => readonly IssuerState[];
  /** Stops the timer that loads the keys. */
  stop: () => void;
}

export type VerifierOptions = JwksOptions & { nowMs: () => number };

const CHECK_EVERY_MS = 1_000;
const noKeys: WatchedKeys = { states: () => [], stop: () => undefined };

/** Loads the keys of the issuers, and starts a timer that loads them again regularly, even while no tokens arrive. */
export function startVerifier(auth: AuthConfig, options: VerifierOptions): Verifier {
  switch (auth.type) {
    case "none":
      return { verify: undefined, issuerKeys: noKeys };
    case "hmac":
      return { verify: rememberedTokens(hmacTokens(auth.secrets)), issuerKeys: noKeys };
    case "issuers": {
      const { verify, refresh, states } = jwksIssuers(auth.issuers, options);
      void refresh(options.nowMs());
      const timer = setInterval(() => void refresh(options.nowMs()), CHECK_EVERY_MS);
      timer.unref();
      return { verify, issuerKeys: { states, stop: () => clearInterval(timer) } };
    }
  }
}
