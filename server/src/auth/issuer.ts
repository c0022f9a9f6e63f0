/** An issuer whose tokens are let in. The URL comes from the configuration, never from a token. */
export interface Issuer {
  /** The token's `iss`; a slash at its end makes no difference. */
  issuer: string;
  /** What the token's `aud` must be, or hold. */
  audience?: string;
  /** What the token's `azp`, `client_id`, `cid` or `appid` must be: some tokens name their client and no audience. */
  clientId?: string;
  jwksURL: string;
  /** The claim that lists the rooms: its name, or a path with dots. */
  roomsClaim?: string;
}

/** Providers disagree with themselves about the slash at the end: both forms name one issuer. */
export function issuerKey(issuer: string): string {
  return issuer.replace(/\/$/, "");
}
