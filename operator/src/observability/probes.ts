import type { TextRoutes } from "./text-server.ts";

/**
 * When the API server has sent nothing on a watch for this long, /livez fails, so that the kubelet restarts the
 * operator. This should never happen, because watches restart by themselves much earlier.
 */
const DEAD_AFTER_MS = 15 * 60_000;

/** Values that the probes read. */
export interface Heard {
  isSynced: boolean;
  problem: string | undefined;
  heardAtMs: number;
}

/**
 * /livez answers 200 if the API server has sent something recently on every watch. Until the first lists are complete
 * it always answers 200, because a restart would not help. /readyz answers 200 when all lists are in memory.
 * Neither depends on leadership, because a replica that does not lead is healthy as well.
 */
export function probes(watches: Heard, clock: { now: () => number }): TextRoutes {
  return {
    "/livez"() {
      const silentMs = clock.now() - watches.heardAtMs;
      if (!watches.isSynced || silentMs < DEAD_AFTER_MS) return { status: 200, body: "ok\n" };
      return { status: 500, body: `the API server last sent something ${Math.round(silentMs / 1000)} s ago\n` };
    },
    "/readyz": () =>
      watches.isSynced
        ? { status: 200, body: "ok\n" }
        : { status: 503, body: `${watches.problem ?? "reading the first lists"}\n` },
  };
}
