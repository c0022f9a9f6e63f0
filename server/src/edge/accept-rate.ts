/** A token bucket that limits how many handshakes a gateway begins. It holds the tokens of two seconds. */
export interface AcceptBucket {
  tokens: number;
  atMs: number;
}

/** Takes a token for one handshake. `perSecond` tokens are added every second. */
export function takeAccept(
  bucket: AcceptBucket,
  perSecond: number,
  nowMs: number,
): { bucket: AcceptBucket; allowed: boolean } {
  const refilled = Math.min(2 * perSecond, bucket.tokens + ((nowMs - bucket.atMs) / 1000) * perSecond);
  const allowed = refilled >= 1;
  return { bucket: { tokens: allowed ? refilled - 1 : refilled, atMs: nowMs }, allowed };
}
