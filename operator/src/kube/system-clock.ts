import { setTimeout as sleep } from "node:timers/promises";
import type { Clock } from "../engine/clock.ts";

/** The clock of this machine. Only entry points of programs use it. All other code gets a clock as an argument. */
export const systemClock: Clock = {
  now: () => Date.now(),
  wait: (ms, signal) => sleep(ms, undefined, { signal }).catch(() => undefined),
};
