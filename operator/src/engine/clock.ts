/** Code gets a Clock as an argument, so that a test with a fake clock can run hours in milliseconds. */
export interface Clock {
  /** Milliseconds since 1970. */
  now: () => number;
  /** Waits for this many milliseconds. Resolves early when the signal aborts, and never rejects. */
  wait: (afterMs: number, signal: AbortSignal) => Promise<void>;
}
