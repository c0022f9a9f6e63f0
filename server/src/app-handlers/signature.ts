import { createHmac, type KeyObject } from "node:crypto";

export const SIGNATURE_HEADER = "x-realtime-signature";

/** The value of the header X-Realtime-Signature: the time, and the HMAC-SHA256 of time and body. */
export function signatureOf(body: string, key: KeyObject, nowMs: number): string {
  const seconds = Math.floor(nowMs / 1_000);
  return `t=${seconds},v1=${createHmac("sha256", key).update(`${seconds}.${body}`).digest("hex")}`;
}
