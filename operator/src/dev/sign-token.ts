import { createHmac } from "node:crypto";

/**
 * An HS256 token for development. It is signed with the first line of `secret`, allows all rooms, and is valid for a
 * year.
 */
export function developmentToken(secret: string, user: string, nowMs: number): string {
  const issuedAt = Math.floor(nowMs / 1_000);
  const claims = { sub: user, rooms: ["*"], iat: issuedAt, exp: issuedAt + 365 * 86_400 };
  const text = [{ alg: "HS256", typ: "JWT" }, claims].map((part) => encoded(JSON.stringify(part))).join(".");
  const [key = ""] = secret.split("\n");
  return `${text}.${createHmac("sha256", key).update(text).digest("base64url")}`;
}

function encoded(text: string): string {
  return Buffer.from(text).toString("base64url");
}
