/** A token bucket that limits how many handshakes a node begins. It holds two seconds' worth of `perSecond`. */
export interface AcceptBucket {
  tokens: number;
  atMs: number;
}

/** Takes one handshake from the bucket, which refills with `perSecond`. */
export function takeAccept(
  bucket: AcceptBucket,
  perSecond: number,
  nowMs: number,
): { bucket: AcceptBucket; allowed: boolean } {
  const refilled = Math.min(2 * perSecond, bucket.tokens + ((nowMs - bucket.atMs) / 1000) * perSecond);
  const allowed = refilled >= 1;
  return { bucket: { tokens: allowed ? refilled - 1 : refilled, atMs: nowMs }, allowed };
}
