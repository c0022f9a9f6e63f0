const FIRST_MS = 500;
const MOST_MS = 30_000;

/**
 * Milliseconds to wait before a connection attempt. The wait is random (full jitter), so that clients that were refused
 * at the same time do not reconnect at the same time. Its upper limit is 0.5 s for attempt 0 and doubles with each
 * attempt, up to 30 s. `atLeastMs` is the wait that the gateway asked for, and is added.
 */
export function backoffMs(attempt: number, random: () => number, atLeastMs = 0): number {
  return atLeastMs + random() * Math.min(MOST_MS, FIRST_MS * 2 ** attempt);
}
