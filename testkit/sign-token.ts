import { SignJWT } from "jose";

/** Makes an HS256 token for a user. `rooms` contains names and * patterns of the rooms that the user may enter. */
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
