/** An issuer whose tokens the gateway accepts. Its URL comes from the configuration, never from a token. */
export interface Issuer {
  /** Required `iss` claim of the token. A trailing slash makes no difference. */
  issuer: string;
  /** Required `aud` claim of the token. A list of audiences must contain the value. */
  audience?: string;
  /**
   * Required client id in the token's `azp`, `client_id`, `cid` or `appid` claim. Some tokens have no audience, only a
   * client id.
   */
  clientId?: string;
  jwksURL: string;
  /** Name of the claim that lists the rooms, or a path to the claim with dots. */
  roomsClaim?: string;
}

/** Some providers write their issuer with a trailing slash in one place and without it in another. */
export function issuerKey(issuer: string): string {
  return issuer.replace(/\/$/, "");
}
