/** A token bucket: refills at a constant rate up to a capacity. */
export interface TokenBucket {
  tokens: number;
  atMs: number;
}

export interface BucketAnswer {
  bucket: TokenBucket;
  granted: number;
  /** Milliseconds until the bucket has a whole token. */
  nextAfterMs: number;
}

/**
 * Tolerance for rounding errors. It is far below the number of tokens that one millisecond adds at the slowest rate.
 */
const ROUNDING = 1e-9;

/** Takes up to `wanted` whole tokens. A missing bucket counts as full. */
export function takeTokens(
  bucket: TokenBucket | undefined,
  perSecond: number,
  capacity: number,
  { nowMs, wanted }: { nowMs: number; wanted: number },
): BucketAnswer {
  const before = bucket ?? { tokens: capacity, atMs: nowMs };
  const elapsedMs = Math.max(0, nowMs - before.atMs);
  const tokens = Math.min(capacity, before.tokens + (elapsedMs * perSecond) / 1000);
  const granted = Math.max(0, Math.min(wanted, Math.floor(tokens + ROUNDING)));
  const left = Math.max(0, tokens - granted);
  return {
    bucket: { tokens: left, atMs: nowMs },
    granted,
    nextAfterMs: left >= 1 ? 0 : Math.ceil(((1 - left) * 1000) / perSecond),
  };
}

/** The bucket holds the tokens of at most a tenth of a second, so that connections move evenly and not in bursts. */
export function drainCapacity(perSecond: number): number {
  return Math.max(1, perSecond / 10);
}
