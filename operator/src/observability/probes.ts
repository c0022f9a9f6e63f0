import type { TextRoutes } from "./text-server.ts";

/**
 * When a watch was silent for this long, /livez fails and the kubelet restarts the operator. Watches restart by
 * themselves long before that.
 */
const DEAD_AFTER_MS = 15 * 60_000;

/** Values that the probes read. */
export interface Heard {
  isSynced: boolean;
  problem: string | undefined;
  heardAtMs: number;
}

/**
 * /livez: 200 if the API server sent something recently. Also 200 until the first lists are complete, because a restart
 * would not help. /readyz: 200 when everything is in memory. A standby is healthy too, so leadership does not matter.
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
