import { Counter, Gauge, type Registry } from "prom-client";

export function recoveryMetrics(registry: Registry) {
  const registers = [registry];
  const counter = (name: string, help: string): Counter => new Counter({ name, help, registers });
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
  let readWindow = () => ({ held: 0, promised: 0, isUp: true });
  gauge(
    "realtime_recovery_window_seconds",
    "Longest absence after which a reconnecting client still gets all missed messages",
    () => readWindow().held,
  );
  gauge(
    "realtime_recovery_window_promised_seconds",
    "Longest absence for which the configuration promises this; 0 while recovery is off",
    () => readWindow().promised,
  );
  gauge("realtime_recovery_up", "0 while recovery is on and its log in Redis cannot be used, otherwise 1", () =>
    readWindow().isUp ? 1 : 0,
  );
  return {
    results: new Counter({
      name: "realtime_recoveries_total",
      help: "Reconnected clients that asked for their earlier session, by result",
      labelNames: ["result"],
      registers,
    }),
    replayed: counter("realtime_replayed_messages_total", "Missed messages that were sent to reconnected clients"),
    gaps: counter(
      "realtime_log_gaps_filled_total",
      "Messages that Pub/Sub did not deliver and that were read from the log in Redis",
    ),
    lost: counter(
      "realtime_log_lost_total",
      "Messages of other gateways that were lost: Pub/Sub did not deliver them, and the log no longer had them",
    ),
    malformed: counter("realtime_log_malformed_total", "Answers and entries of the recovery log that cannot be read"),
    unnumbered: counter(
      "realtime_unnumbered_messages_total",
      "Messages from publishers that do not support recovery: reconnecting clients cannot get them",
    ),
    readWindow: (read: typeof readWindow) => void (readWindow = read),
  };
}
