import { SignJWT } from "jose";

/** Signs an HS256 token for a user. `rooms` lists the rooms that the user may enter, as names or * patterns. */
export function signToken(
  secret: string,
  claims: { sub: string; rooms?: readonly string[]; lifetimeSeconds?: number; jti?: string; secondsOld?: number },
): Promise<string> {
  const nowSeconds = Math.floor(Date.now() / 1000);
  const jwt = new SignJWT({ rooms: claims.rooms ?? [] })
    .setProtectedHeader({ alg: "HS256" })
    .setSubject(claims.sub)
    .setIssuedAt(nowSeconds - (claims.secondsOld ?? 0))
    .setExpirationTime(nowSeconds + (claims.lifetimeSeconds ?? 3600));
  if (claims.jti !== undefined) jwt.setJti(claims.jti);
  return jwt.sign(new TextEncoder().encode(secret));
}
