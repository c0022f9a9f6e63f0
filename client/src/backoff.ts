const FIRST_MS = 500;
const MOST_MS = 30_000;

/**
 * How long to wait before an attempt, with full jitter: any time up to a bound that doubles from 0.5 s to 30 s. A crowd
 * that was refused together comes back spread out. `attempt` counts from 0; `atLeastMs` is what the gateway asked for.
 */
export function backoffMs(attempt: number, random: () => number, atLeastMs = 0): number {
  return atLeastMs + random() * Math.min(MOST_MS, FIRST_MS * 2 ** attempt);
}
