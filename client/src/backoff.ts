const FIRST_MS = 500;
const MOST_MS = 30_000;

/**
 * The wait before an attempt, with full jitter: a random time below a limit that doubles from 0.5 s to 30 s. So clients
 * that were refused together do not reconnect together. `attempt` counts from 0. `atLeastMs` is the wait that the
 * gateway requested.
 */
export function backoffMs(attempt: number, random: () => number, atLeastMs = 0): number {
  return atLeastMs + random() * Math.min(MOST_MS, FIRST_MS * 2 ** attempt);
}
