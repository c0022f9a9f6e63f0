import { setTimeout as sleep } from "node:timers/promises";

/** Time as an argument, so that a test decides how much of it passes. */
export interface Clock {
  now(): number;
  /** Resolves after that long, or at once when the signal aborts; never rejects. */
  wait(ms: number, signal: AbortSignal): Promise<void>;
}

/** The machine's own, for composition roots. */
export const systemClock: Clock = {
  now: () => Date.now(),
  wait: (ms, signal) => sleep(ms, undefined, { signal }).catch(() => undefined),
};
