import type { TextRoutes } from "./text-server.ts";

/** After this much silence on a watch the operator counts as dead and the kubelet restarts it. Watches renew themselves long before. */
const deadAfterMs = 15 * 60_000;

/** What probes are told of. */
export interface Heard {
  isSynced: boolean;
  problem: string | undefined;
  heardAtMs: number;
}

/**
 * Lives: the API server has been heard, in either way, not long ago; one that never was is not fixed by a restart. Ready: all is
 * in memory. Whether this operator leads has no say: the one that waits is as healthy.
 */
export function probes(watches: Heard, clock: { now: () => number }): TextRoutes {
  return {
    "/livez"() {
      const silentMs = clock.now() - watches.heardAtMs;
      if (!watches.isSynced || silentMs < deadAfterMs) return { status: 200, body: "ok\n" };
      return { status: 500, body: `the API server was last heard ${Math.round(silentMs / 1000)} s ago\n` };
    },
    "/readyz": () =>
      watches.isSynced
        ? { status: 200, body: "ok\n" }
        : { status: 503, body: `${watches.problem ?? "reading what is there"}\n` },
  };
}
