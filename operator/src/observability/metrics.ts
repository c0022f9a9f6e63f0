import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from "prom-client";
import { release } from "../release.ts";

/** Functions that give the gauges their values at each scrape. */
export interface MetricSources {
  queueDepth: () => number;
  isLeader: () => boolean;
  isSynced: () => boolean;
  clusters: () => number;
  /** Seconds since the API server last sent something, on the watch that has been silent for the longest time. */
  watchAgeSeconds: () => number;
}

export type Metrics = ReturnType<typeof makeMetrics>;

/** The operator's metrics. Each label has only a small fixed set of values: outcomes, verbs or status codes. */
export function makeMetrics(sources: MetricSources) {
  const registry = new Registry();
  const registers = [registry];
  collectDefaultMetrics({ register: registry });
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
  new Gauge({
    name: "realtime_build_info",
    help: "Always 1; the labels have the component and its version",
    labelNames: ["component", "version"],
    registers,
  }).set({ component: "operator", version: release }, 1);
  gauge(
    "realtime_operator_queue_depth",
    "Clusters in the queue, including those that are due later",
    sources.queueDepth,
  );
  gauge("realtime_operator_leader", "1 while this operator is the leader", () => (sources.isLeader() ? 1 : 0));
  gauge("realtime_operator_synced", "1 once every watch has read its first list", () => (sources.isSynced() ? 1 : 0));
  gauge("realtime_operator_clusters", "RealtimeClusters that this operator manages", sources.clusters);
  gauge(
    "realtime_operator_watch_age_seconds",
    "Time since the API server last sent something, on the watch that has been silent for longest",
    sources.watchAgeSeconds,
  );
  return {
    registry,
    reconciles: new Counter({
      name: "realtime_operator_reconciles_total",
      help: "Reconcile passes, by outcome",
      labelNames: ["outcome"],
      registers,
    }),
    reconcileSeconds: new Histogram({
      name: "realtime_operator_reconcile_seconds",
      help: "Duration of a reconcile pass",
      buckets: [0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 15],
      registers,
    }),
    queueSeconds: new Histogram({
      name: "realtime_operator_queue_seconds",
      help: "Time that a due cluster waited for a free worker",
      buckets: [0.001, 0.01, 0.1, 1, 10, 60],
      registers,
    }),
    apiRequests: new Counter({
      name: "realtime_operator_api_requests_total",
      help: "Requests to the API server",
      labelNames: ["verb", "code"],
      registers,
    }),
  };
}
