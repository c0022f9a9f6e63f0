import { SignJWT } from "jose";

/** Signs an HS256 token for a user. `rooms` lists the rooms that the user may enter, as names or * patterns. */
export function signToken(
  secret: string,
  claims: { sub: string; rooms?: readonly string[]; lifetimeSeconds?: number; jti?: string },
): Promise<string> {
  const jwt = new SignJWT({ rooms: claims.rooms ?? [] })
    .setProtectedHeader({ alg: "HS256" })
    .setSubject(claims.sub)
    .setIssuedAt()
    .setExpirationTime(Math.floor(Date.now() / 1000) + (claims.lifetimeSeconds ?? 3600));
  if (claims.jti !== undefined) jwt.setJti(claims.jti);
  return jwt.sign(new TextEncoder().encode(secret));
}
