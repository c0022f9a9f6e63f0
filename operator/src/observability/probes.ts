import type { TextRoutes } from "./text-server.ts";

/**
 * After this much silence on a watch, /livez fails and the kubelet restarts the operator. Watches restart long before.
 */
const DEAD_AFTER_MS = 15 * 60_000;

/** Values that the probes read. */
export interface Heard {
  isSynced: boolean;
  problem: string | undefined;
  heardAtMs: number;
}

/**
 * Live: the API server sent something recently, or the first lists are not complete (a restart would not help).
 * Ready: everything is in memory. Leadership does not matter, because a standby is healthy too.
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
