import type { Bus } from "../broadcast/bus/bus.ts";
import { contract } from "../contract.ts";
import type { DrainState } from "../drain/drain.ts";
import type { Gateway } from "../gateway.ts";
import type { LedgerStatus } from "../ledger/ledger.ts";
import type { LiveState } from "../live-config/live-state.ts";
import type { Metrics } from "../observability/metrics.ts";
import type { Route } from "./private-listener.ts";

export interface ProbeParts {
  gateway: Gateway;
  bus: Bus;
  ledger: LedgerStatus;
  live: LiveState;
  metrics: Metrics;
  drain: () => DrainState;
  isListening: () => boolean;
  uptimeSeconds: () => number;
}

/**
 * Why the gateway should get no new clients, or undefined. A bus that has never stood would split the cluster in two; one that
 * is lost later would not be helped by sending the clients elsewhere, where it is lost too.
 */
export function unreadiness({
  gateway,
  bus,
  isListening,
}: Pick<ProbeParts, "gateway" | "bus" | "isListening">): string | undefined {
  if (gateway.isDraining()) return "draining";
  if (!isListening()) return "not listening yet";
  if (bus.state().phase === "never")
    return `Redis has not been reached yet${bus.state().reason === undefined ? "" : `: ${bus.state().reason}`}`;
  return undefined;
}

/** Probes, metrics and the JSON monitor: what anyone in the cluster's network may know. */
export function probeRoutes(parts: ProbeParts): readonly Route[] {
  const { gateway, bus, ledger, live, metrics, drain, uptimeSeconds } = parts;

  const health = () => {
    const reason = unreadiness(parts);
    const { mode, connections, nodes } = ledger.state();
    return {
      status:
        reason !== undefined ? "unavailable" : bus.state().phase === "down" || mode === "share" ? "degraded" : "ok",
      ...(reason === undefined ? {} : { reason }),
      connections: gateway.connections.size - gateway.halfOpen(),
      cluster: { connections, nodes, limits: mode === "share" ? "share" : mode },
      bus: bus.state(),
      drain: drain(),
      generation: live.config.generation,
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
        const reason = unreadiness(parts);
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
      handle: () => ({ status: unreadiness(parts) === undefined ? 200 : 503, body: health() }),
    },
    {
      method: "GET",
      path: contract.paths.monitor,
      access: "open",
      handle() {
        const { heapUsed, rss } = process.memoryUsage();
        const namespaces = Object.fromEntries(
          contract.namespaces.map((name) => {
            const { sockets, adapter } = gateway.io.of(name);
            return [
              name,
              { sockets: sockets.size, rooms: [...adapter.rooms.keys()].filter((room) => !sockets.has(room)).length },
            ];
          }),
        );
        return {
          status: 200,
          body: {
            ...health(),
            halfOpen: gateway.halfOpen(),
            namespaces,
            limits: live.limits,
            memory: { rssBytes: rss, heapBytes: heapUsed },
          },
        };
      },
    },
  ];
}
