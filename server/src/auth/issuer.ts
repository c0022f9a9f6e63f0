/**
 * An issuer whose tokens the gateway accepts. The URL of its keys comes from the configuration and never from a token.
 */
export interface Issuer {
  /** The `iss` claim that tokens must have. A slash at the end makes no difference. */
  issuer: string;
  /** The `aud` claim that tokens must have. If the claim is a list, it must contain this value. */
  audience?: string;
  /**
   * The client id that tokens must have in the claim `azp`, `client_id`, `cid` or `appid`. It is needed because tokens
   * of some issuers have no audience, but only a client id.
   */
  clientId?: string;
  jwksURL: string;
  /** The claim that lists the rooms: its name, or a path of names separated by dots. */
  roomsClaim?: string;
}

/** Removes a slash at the end, because some issuers write their URL with it in one place and without it in another. */
export function issuerKey(issuer: string): string {
  return issuer.replace(/\/$/, "");
}
