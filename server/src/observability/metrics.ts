import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from "prom-client";
import { busCauses, type BusObserver, type BusState } from "../broadcast/bus/bus.ts";
import type { LedgerState } from "../ledger/ledger.ts";
import { buildInfo } from "./build-info.ts";
import { handlerMetrics } from "./handler-metrics.ts";
import { ledgerMetrics } from "./ledger-metrics.ts";
import { recoveryMetrics } from "./recovery-metrics.ts";

/** The values of gauges. They are read when metrics are scraped. */
export interface MetricSources {
  version: string;
  connections: () => number;
  halfOpen: () => number;
  /** Number of bytes that were sent to clients since the start. */
  outboundBytes: () => number;
  ledger: () => LedgerState;
  bus: () => BusState;
  issuers: () => readonly { issuer: string; keys: "read" | "kept" | "none" }[];
  drain: () => { isDraining: boolean; connectionsLeft: number };
}

export type Metrics = ReturnType<typeof makeMetrics>;

/**
 * All metrics of this process. The values of labels come from fixed lists: codes of refusals, names of built-in events,
 * names of limits.
 */
export function makeMetrics(sources: MetricSources) {
  const registry = new Registry();
  const registers = [registry];
  collectDefaultMetrics({ register: registry, eventLoopMonitoringPrecision: 20 });
  const gauge = (name: string, help: string, read: () => number): void => {
    new Gauge({
      name,
      help,
      registers,
      collect() {
        this.set(read());
      },
    });
  };
  const counter = (name: string, help: string): Counter => new Counter({ name, help, registers });

  buildInfo(registry, sources.version);
  gauge("realtime_connections", "Connections of this gateway that hold a seat", sources.connections);
  gauge("realtime_half_open_connections", "Connections that have not entered a namespace yet", sources.halfOpen);
  ledgerMetrics(registry, sources.ledger);
  gauge("realtime_bus_up", "1 while messages can be exchanged with other gateways", () =>
    sources.bus().phase === "up" ? 1 : 0,
  );
  gauge(
    "realtime_bus_lag_seconds",
    "Round trip of this gateway's last test message through Redis",
    () => (sources.bus().lagMs ?? 0) / 1000,
  );
  new Gauge({
    name: "realtime_bus_redis_unusable",
    help: "Redis servers of the bus that this gateway cannot use, by reason",
    labelNames: ["reason"],
    registers,
    collect() {
      const { unusable = [] } = sources.bus();
      for (const reason of busCauses) this.set({ reason }, unusable.filter(({ cause }) => cause === reason).length);
    },
  });
  gauge("realtime_draining", "1 while this gateway drains: it moves its connections to other gateways", () =>
    sources.drain().isDraining ? 1 : 0,
  );
  gauge(
    "realtime_drain_connections_left",
    "Connections that the drain still has to move",
    () => sources.drain().connectionsLeft,
  );
  new Gauge({
    name: "realtime_issuer_keys_up",
    help: "1 if the last load of the issuer's keys succeeded, 0 if it failed (older keys stay in use)",
    labelNames: ["issuer"],
    registers,
    collect() {
      for (const { issuer, keys } of sources.issuers()) this.set({ issuer }, keys === "read" ? 1 : 0);
    },
  });

  new Counter({
    name: "realtime_outbound_bytes_total",
    help: "Bytes that were sent to clients",
    registers,
    collect() {
      this.reset();
      this.inc(sources.outboundBytes());
    },
  });
  const recovery = recoveryMetrics(registry);
  const busDropped = new Counter({
    name: "realtime_bus_dropped_total",
    help: "Messages from other gateways that were invalid and were dropped",
    labelNames: ["reason"],
    registers,
  });
  const published = counter("realtime_bus_published_total", "Messages published to other gateways");
  const publishFailed = counter("realtime_bus_publish_failed_total", "Messages that could not be published");
  const received = counter("realtime_bus_received_total", "Messages received from other gateways");
  const busObserver: BusObserver = {
    published: () => published.inc(),
    publishFailed: () => publishFailed.inc(),
    received: () => received.inc(),
    unnumbered: () => recovery.unnumbered.inc(),
    dropped: (reason) => busDropped.inc({ reason }),
  };

  return {
    registry,
    recovery,
    busObserver,
    handlers: handlerMetrics(registry),
    handshakes: counter("realtime_handshakes_total", "Handshakes that were accepted"),
    refusals: new Counter({
      name: "realtime_refusals_total",
      help: "Refusals, by code and by the step that refused",
      labelNames: ["code", "at"],
      registers,
    }),
    forwardedIgnored: counter(
      "realtime_forwarded_ignored_total",
      "Handshakes whose X-Forwarded-For header was ignored because the peer is not in TRUSTED_PROXIES",
    ),
    closed: new Counter({
      name: "realtime_closed_total",
      help: "Connections that this gateway closed, by reason",
      labelNames: ["reason"],
      registers,
    }),
    ended: new Counter({
      name: "realtime_ended_total",
      help: "Connections that ended on either side, by the reason that engine.io reports",
      labelNames: ["reason"],
      registers,
    }),
    eventSeconds: new Histogram({
      name: "realtime_event_seconds",
      help: "Time from the arrival of an event to its acknowledgement",
      labelNames: ["event"],
      buckets: [0.0001, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5],
      registers,
    }),
    apiRequests: new Counter({
      name: "realtime_api_requests_total",
      help: "Requests to the private API",
      labelNames: ["route", "status"],
      registers,
    }),
    drained: new Counter({
      name: "realtime_drained_connections_total",
      help: "Connections that a drain, a rebalance or their age moved to other gateways",
      labelNames: ["cause"],
      registers,
    }),
    jwksFailures: counter("realtime_jwks_failures_total", "Failed loads of issuer keys"),
    idempotencyKeysForgotten: counter(
      "realtime_idempotency_keys_forgotten_total",
      "Idempotency keys that were dropped before their ten minutes ended, because there were more than 100,000",
    ),
    sweepCorrections: counter(
      "realtime_sweep_corrections_total",
      "Ledger entries that did not match this gateway's connections and were corrected",
    ),
  };
}
