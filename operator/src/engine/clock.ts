/** The time is an argument, so that tests can run hours in milliseconds. */
export interface Clock {
  /** Milliseconds since 1970. */
  now: () => number;
  /** Resolves after the time, or at once when the signal aborts; never rejects. */
  wait: (afterMs: number, signal: AbortSignal) => Promise<void>;
}
