import { setTimeout as sleep } from "node:timers/promises";
import type { Clock } from "../engine/clock.ts";

/** The machine's clock. Only programs' entry points use it; everything else takes a clock as an argument. */
export const systemClock: Clock = {
  now: () => Date.now(),
  wait: (ms, signal) => sleep(ms, undefined, { signal }).catch(() => undefined),
};
