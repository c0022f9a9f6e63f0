import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from "prom-client";

/** What gauges read when they are scraped. */
export interface MetricSources {
  queueDepth: () => number;
  isLeader: () => boolean;
  isSynced: () => boolean;
  clusters: () => number;
  /** Seconds since the API server was last heard on the watch that has been silent the longest. */
  watchAgeSeconds: () => number;
}

export type Metrics = ReturnType<typeof makeMetrics>;

/** The operator's metrics. Labels come from closed sets: outcomes, verbs, status codes. */
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
  gauge(
    "realtime_operator_queue_depth",
    "Clusters that wait to be looked at, later dates included",
    sources.queueDepth,
  );
  gauge("realtime_operator_leader", "1 while this operator acts", () => (sources.isLeader() ? 1 : 0));
  gauge("realtime_operator_synced", "1 once every list has been read", () => (sources.isSynced() ? 1 : 0));
  gauge("realtime_operator_clusters", "RealtimeClusters there are", sources.clusters);
  gauge(
    "realtime_operator_watch_age_seconds",
    "Since the API server was last heard, on the watch that heard least of it",
    sources.watchAgeSeconds,
  );
  return {
    registry,
    reconciles: new Counter({
      name: "realtime_operator_reconciles_total",
      help: "Looks at a cluster, by how they ended",
      labelNames: ["outcome"],
      registers,
    }),
    reconcileSeconds: new Histogram({
      name: "realtime_operator_reconcile_seconds",
      help: "Time of a look at a cluster",
      buckets: [0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 15],
      registers,
    }),
    queueSeconds: new Histogram({
      name: "realtime_operator_queue_seconds",
      help: "Time a cluster waited beyond its date",
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
