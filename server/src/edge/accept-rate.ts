/** How many handshakes a node begins: a bucket of `perSecond` that holds two seconds' worth. Time is an argument. */
export interface AcceptBucket {
  tokens: number;
  atMs: number;
}

/** Takes one handshake from the bucket. `perSecond` is also what a refill adds. */
export function takeAccept(
  bucket: AcceptBucket,
  perSecond: number,
  nowMs: number,
): { bucket: AcceptBucket; allowed: boolean } {
  const refilled = Math.min(2 * perSecond, bucket.tokens + ((nowMs - bucket.atMs) / 1000) * perSecond);
  const allowed = refilled >= 1;
  return { bucket: { tokens: allowed ? refilled - 1 : refilled, atMs: nowMs }, allowed };
}
