import { Counter, Gauge, Histogram, type Registry } from "prom-client";

/** Metrics of the application's handlers. The values of the label `handler` are names from the configuration. */
export function handlerMetrics(registry: Registry) {
  const registers = [registry];
  const inFlight = new Map<string, () => number>();
  return {
    /** Sets the function that returns the number of requests in flight. It is called when metrics are scraped. */
    reportInFlight: (handler: string, count: () => number) => void inFlight.set(handler, count),
    seconds: new Histogram({
      name: "realtime_handler_seconds",
      help: "Time from an event or decision to the answer of its handler, by kind and result",
      labelNames: ["handler", "kind", "result"],
      buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30],
      registers,
    }),
    goneWaiting: new Gauge({
      name: "realtime_handler_gone_waiting",
      help: "Sessions that have ended and are not reported to the handler with the hook gone, in the whole cluster",
      registers,
    }),
    goneDropped: new Counter({
      name: "realtime_handler_gone_dropped_total",
      help: "Ended sessions that were not reported because too many waited, or for too long",
      registers,
    }),
    inFlight: new Gauge({
      name: "realtime_handler_in_flight",
      help: "Requests to the handler that are not answered yet",
      labelNames: ["handler"],
      registers,
      collect() {
        for (const [handler, count] of inFlight) this.set({ handler }, count());
      },
    }),
  };
}
