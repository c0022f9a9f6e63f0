import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from "prom-client";
import { busCauses, type BusObserver, type BusState } from "../broadcast/bus/bus.ts";
import type { LedgerState } from "../ledger/ledger.ts";
import { ledgerMetrics } from "./ledger-metrics.ts";

/** Values that gauges read at each scrape. */
export interface MetricSources {
  connections: () => number;
  halfOpen: () => number;
  ledger: () => LedgerState;
  bus: () => BusState;
  issuers: () => readonly { issuer: string; keys: "read" | "kept" | "none" }[];
  drain: () => { isDraining: boolean; connectionsLeft: number };
}

export type Metrics = ReturnType<typeof makeMetrics>;

/** The process's metrics. Labels come from closed sets: refusal codes, event names of the protocol, limits. */
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

  gauge("realtime_connections", "Connections of this gateway that hold a seat", sources.connections);
  gauge("realtime_half_open_connections", "Connections that have not entered a namespace yet", sources.halfOpen);
  ledgerMetrics(registry, sources.ledger);
  gauge("realtime_bus_up", "1 while the bus to the other gateways stands", () =>
    sources.bus().phase === "up" ? 1 : 0,
  );
  gauge(
    "realtime_bus_lag_seconds",
    "Round trip of the last canary through Redis",
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
  gauge("realtime_draining", "1 while this gateway moves its connections elsewhere", () =>
    sources.drain().isDraining ? 1 : 0,
  );
  gauge("realtime_drain_connections_left", "Connections still to be moved", () => sources.drain().connectionsLeft);
  new Gauge({
    name: "realtime_issuer_keys_up",
    help: "1 while the keys of a configured issuer can be read, 0 while they are missing or kept from before",
    labelNames: ["issuer"],
    registers,
    collect() {
      for (const { issuer, keys } of sources.issuers()) this.set({ issuer }, keys === "read" ? 1 : 0);
    },
  });

  const busDropped = new Counter({
    name: "realtime_bus_dropped_total",
    help: "Messages from the bus that were dropped",
    labelNames: ["reason"],
    registers,
  });
  const published = counter("realtime_bus_published_total", "Messages given to the bus");
  const publishFailed = counter("realtime_bus_publish_failed_total", "Messages the bus could not take");
  const received = counter("realtime_bus_received_total", "Messages received from other gateways");
  const busObserver: BusObserver = {
    published: () => published.inc(),
    publishFailed: () => publishFailed.inc(),
    received: () => received.inc(),
    unnumbered: () => recovery.unnumbered.inc(),
    dropped: (reason) => busDropped.inc({ reason }),
  };

  let readWindow = (): number => 0;
  gauge("realtime_recovery_window_seconds", "How far back a returning client can be given what it missed", () =>
    readWindow(),
  );
  const recovery = {
    results: new Counter({
      name: "realtime_recoveries_total",
      help: "Clients that asked for their session, by what became of it",
      labelNames: ["result"],
      registers,
    }),
    replayed: counter("realtime_replayed_messages_total", "Messages sent again to clients that returned"),
    gaps: counter("realtime_log_gaps_filled_total", "Messages that Pub/Sub left out and that were read from the log"),
    lost: counter("realtime_log_lost_total", "Messages between gateways that nobody could read any more"),
    malformed: counter("realtime_log_malformed_total", "Answers and entries of the recovery log that cannot be read"),
    unnumbered: counter("realtime_unnumbered_messages_total", "Messages from publishers that do not number them"),
    readWindow: (read: () => number) => void (readWindow = read),
  };

  return {
    registry,
    recovery,
    busObserver,
    handshakes: counter("realtime_handshakes_total", "Connections let in"),
    refusals: new Counter({
      name: "realtime_refusals_total",
      help: "Refusals by code and where they were made",
      labelNames: ["code", "at"],
      registers,
    }),
    forwardedIgnored: counter(
      "realtime_forwarded_ignored_total",
      "Handshakes whose X-Forwarded-For was ignored: the peer is not in TRUSTED_PROXIES",
    ),
    closed: new Counter({
      name: "realtime_closed_total",
      help: "Connections this gateway closed, by reason",
      labelNames: ["reason"],
      registers,
    }),
    ended: new Counter({
      name: "realtime_ended_total",
      help: "Connections that ended, on either side, by engine.io's reason",
      labelNames: ["reason"],
      registers,
    }),
    eventSeconds: new Histogram({
      name: "realtime_event_seconds",
      help: "From an event's arrival to its answer",
      labelNames: ["event"],
      buckets: [0.0001, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5],
      registers,
    }),
    outboundBytes: counter("realtime_outbound_bytes_total", "Bytes given to the kernel for clients"),
    apiRequests: new Counter({
      name: "realtime_api_requests_total",
      help: "Requests to the private API",
      labelNames: ["route", "status"],
      registers,
    }),
    drained: counter("realtime_drained_connections_total", "Connections moved by drains and sheds"),
    jwksFailures: counter("realtime_jwks_failures_total", "Key sets that could not be read"),
    idempotencyKeysForgotten: counter(
      "realtime_idempotency_keys_forgotten_total",
      "Idempotency keys forgotten before ten minutes, because there were more than 100,000",
    ),
    sweepCorrections: counter("realtime_sweep_corrections_total", "Entries of the ledger that a sweep corrected"),
  };
}
