import { setTimeout as sleep } from "node:timers/promises";
import type { Clock } from "../engine/clock.ts";

/** The machine's clock, for composition roots. */
export const systemClock: Clock = {
  now: () => Date.now(),
  wait: (ms, signal) => sleep(ms, undefined, { signal }).catch(() => undefined),
};
