import type { Recovery } from "../recovery/recovery.ts";
import type { Bus } from "../broadcast/bus/bus.ts";
import { contract } from "../contract.ts";
import type { Cordon } from "../drain/cordon.ts";
import type { DrainState } from "../drain/drain.ts";
import type { Exactness, LedgerStatus } from "../ledger/ledger.ts";
import { pools } from "../ledger/shares/pools.ts";
import type { LiveState } from "../live-config/live-state.ts";
import type { Metrics } from "../observability/metrics.ts";
import type { Route } from "./private-listener.ts";

export interface ProbeDeps {
  gateway: {
    isDraining(): boolean;
    seatedCount(): number;
    pendingCount(): number;
    unlistedProxy(): string | undefined;
    /** Number of sockets and of rooms in each namespace. */
    counts(): Record<string, { sockets: number; rooms: number }>;
  };
  bus: Pick<Bus, "state">;
  ledger: LedgerStatus;
  cordon: Pick<Cordon, "isClosed" | "probed">;
  live: LiveState;
  recovery: Recovery;
  metrics: Metrics;
  drain: () => DrainState;
  /** The keys with which the issuers of tokens sign. */
  issuerKeys: { states: () => readonly object[] };
  appHandlers: { states: () => readonly object[] };
  isListening: () => boolean;
  uptimeSeconds: () => number;
  nowMs: () => number;
}

/**
 * Why the gateway should get no new clients. Undefined if it is ready.
 * A gateway that has never reached the bus is not ready, because it cannot exchange messages with other gateways. A
 * gateway that has lost the bus stays ready, because usually all gateways have lost it. For the same reason, a gateway
 * that uses its share of the limits stays ready.
 */
export function unreadiness({
  gateway,
  bus,
  ledger,
  recovery,
  cordon,
  isListening,
}: Pick<ProbeDeps, "gateway" | "bus" | "ledger" | "recovery" | "cordon" | "isListening">): string | undefined {
  if (gateway.isDraining()) return "draining";
  if (cordon.isClosed) return "rebalancing";
  if (!isListening()) return "not listening yet";
  if (bus.state().phase === "never")
    return `Redis has not been reached yet${bus.state().reason === undefined ? "" : `: ${bus.state().reason}`}`;
  const { exactness } = ledger.state();
  if (!exactness.isExact && !exactness.everExact && !exactness.everUsable)
    return `this gateway has no share of the limits yet: ${exactness.message}`;
  if (bus.state().phase === "up" && !recovery.log.isReady) return "the recent messages in Redis have not been read yet";
  return undefined;
}

/**
 * Which limits are not exact for the whole cluster, why, and how much of each limit this gateway can grant by itself.
 */
function ledgerHealth(exactness: Exactness, nowMs: number): object {
  if (exactness.isExact) return { exact: true, everExact: true, inexact: [] };
  const { everExact, reason, message, sinceMs, share } = exactness;
  const inexact = [...pools, "idempotencyKeys"];
  const sinceSeconds = Math.max(0, Math.floor((nowMs - sinceMs) / 1_000));
  return { exact: false, everExact, inexact, reason, message, sinceSeconds, share };
}

/** Probes, metrics and the monitor in JSON. They need no token in the cluster's network. */
export function probeRoutes(deps: ProbeDeps): readonly Route[] {
  const { gateway, bus, ledger, cordon, live, recovery, metrics, drain } = deps;
  const { issuerKeys, appHandlers, uptimeSeconds, nowMs } = deps;

  const health = () => {
    const reason = unreadiness(deps);
    const { mode, connections, nodes, exactness } = ledger.state();
    const isDegraded = bus.state().phase === "down" || mode === "share" || recovery.log.problem !== undefined;
    const servingStatus = isDegraded ? "degraded" : "ok";
    return {
      status: reason === undefined ? servingStatus : "unavailable",
      ...(reason === undefined ? {} : { reason }),
      connections: gateway.seatedCount(),
      cluster: { connections, nodes, limits: mode === "share" ? "share" : mode },
      ledger: ledgerHealth(exactness, nowMs()),
      bus: bus.state(),
      recovery: {
        windowSeconds: Math.floor(recovery.log.windowSeconds),
        promisedSeconds: live.config.recovery.windowSeconds,
        ...(recovery.log.problem === undefined ? {} : { reason: recovery.log.problem }),
      },
      drain: drain(),
      issuers: issuerKeys.states(),
      handlers: appHandlers.states(),
      ...(gateway.unlistedProxy() === undefined ? {} : { unlistedProxy: gateway.unlistedProxy() }),
      generation: live.config.generation,
      hash: live.document.hash,
      uptimeSeconds: Math.floor(uptimeSeconds()),
    };
  };

  return [
    { method: "GET", path: contract.paths.live, access: "open", handle: () => ({ status: 200, body: "ok\n" }) },
    {
      method: "GET",
      path: contract.paths.ready,
      access: "open",
      handle() {
        const reason = unreadiness(deps);
        cordon.probed(reason === undefined);
        return reason === undefined ? { status: 200, body: "ok\n" } : { status: 503, body: `${reason}\n` };
      },
    },
    {
      method: "GET",
      path: contract.paths.metrics,
      access: "open",
      handle: async () => ({
        status: 200,
        body: await metrics.registry.metrics(),
        contentType: metrics.registry.contentType,
      }),
    },
    {
      method: "GET",
      path: contract.paths.health,
      access: "open",
      handle: () => ({ status: unreadiness(deps) === undefined ? 200 : 503, body: health() }),
    },
    {
      method: "GET",
      path: contract.paths.monitor,
      access: "open",
      handle() {
        const { heapUsed, rss } = process.memoryUsage();
        return {
          status: 200,
          body: {
            ...health(),
            halfOpen: gateway.pendingCount(),
            namespaces: gateway.counts(),
            limits: live.limits,
            memory: { rssBytes: rss, heapBytes: heapUsed },
          },
        };
      },
    },
  ];
}
