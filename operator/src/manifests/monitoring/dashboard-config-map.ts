import type { RealtimeCluster } from "../../api/realtime-cluster.ts";
import { resources } from "../../api/resources.ts";
import { child, type Manifest } from "../shared/child.ts";
import { namesOf } from "../shared/names.ts";
import { grafanaDashboard, onePanel, statesPanel, type Row } from "./grafana-dashboard.ts";

/**
 * A dashboard for Grafana. Grafana's sidecar finds this ConfigMap by its label. The dashboard's uid never changes, so
 * links to it stay valid. Its data source is a variable.
 */
export function dashboardConfigMap(cluster: RealtimeCluster): Manifest | undefined {
  if (!cluster.spec.monitoring.dashboard.enabled) return undefined;
  const { name, namespace } = cluster.metadata;
  return child(
    cluster,
    resources.configMaps,
    { name: namesOf(cluster).dashboard, component: "server", labels: { grafana_dashboard: "1" } },
    {
      data: {
        [`realtime-${namespace}-${name}.json`]: `${JSON.stringify(dashboard(namespace, name, namesOf(cluster).server), undefined, 1)}\n`,
      },
    },
  );
}

function rowsOf(at: string): readonly Row[] {
  const [one, states] = [onePanel, statesPanel];
  const p99 = (name: string, by: string): string =>
    `histogram_quantile(0.99, sum by (le, ${by}) (rate(${name}_bucket{${at}}[5m])))`;
  const byLabel = (name: string, label: string): string => `sum by (${label}) (rate(${name}{${at}}[5m]))`;
  return [
    {
      title: "Clients: how many, and does the cluster have room?",
      panels: [
        {
          title: "Connections of the cluster, and the limit",
          unit: "short",
          queries: [
            { expr: `sum(realtime_connections{${at}})`, legend: "connections" },
            { expr: `max(realtime_limit{${at},limit="maxConnections"})`, legend: "spec.limits.maxConnections" },
          ],
        },
        one("Connections per pod", "short", `sum by (pod) (realtime_connections{${at}})`, "{{pod}}"),
        one("Refusals a second, by code", "ops", byLabel("realtime_refusals_total", "code"), "{{code}}"),
        one(
          "Connections that ended a second, by reason",
          "ops",
          byLabel("realtime_ended_total", "reason"),
          "{{reason}}",
        ),
      ],
    },
    {
      title: "Moves: does a rollout or a drain advance?",
      panels: [
        one(
          "Connections that drains still have to move",
          "short",
          `sum by (pod) (realtime_drain_connections_left{${at}}) > 0`,
          "{{pod}}",
        ),
        one(
          "Moved connections a second, by cause",
          "ops",
          byLabel("realtime_drained_connections_total", "cause"),
          "{{cause}}",
        ),
        one("Gateways by version", "short", `count by (version) (realtime_build_info{${at}})`, "{{version}}"),
        one(
          "Returning clients a second, by result",
          "ops",
          byLabel("realtime_recoveries_total", "result"),
          "{{result}}",
        ),
      ],
    },
    {
      title: "Redis: do messages reach other gateways, and are limits exact?",
      panels: [
        states("Redis reachable", `min by (pod) (realtime_bus_up{${at}})`),
        states("Limits exact for the whole cluster", `min by (pod) (realtime_ledger_exact{${at}})`),
        one("Round trip through Redis", "s", `max by (pod) (realtime_bus_lag_seconds{${at}})`, "{{pod}}"),
        one("Recovery window held", "s", `min by (pod) (realtime_recovery_window_seconds{${at}})`, "{{pod}}"),
      ],
    },
    {
      title: "Speed: are answers slow, and does a pod need more CPU or memory?",
      panels: [
        one("Events received a second", "ops", byLabel("realtime_event_seconds_count", "event"), "{{event}}"),
        one("Answers to events, p99", "s", p99("realtime_event_seconds", "event"), "{{event}}"),
        one("Sent to clients", "Bps", `sum by (pod) (rate(realtime_outbound_bytes_total{${at}}[5m]))`, "{{pod}}"),
        one("Event loop lag, p99", "s", `max by (pod) (nodejs_eventloop_lag_p99_seconds{${at}})`, "{{pod}}"),
        one("CPU cores used", "short", `sum by (pod) (rate(process_cpu_seconds_total{${at}}[5m]))`, "{{pod}}"),
        one("Resident memory", "bytes", `max by (pod) (process_resident_memory_bytes{${at}})`, "{{pod}}"),
      ],
    },
    {
      title: "Applications: do token issuers and handlers answer?",
      panels: [
        states("Keys of issuers read", `min by (pod, issuer) (realtime_issuer_keys_up{${at}})`, "{{pod}} {{issuer}}"),
        one(
          "Handler requests a second, by result",
          "ops",
          byLabel("realtime_handler_seconds_count", "handler, result"),
          "{{handler}} {{result}}",
        ),
        one("Handler answers, p99", "s", p99("realtime_handler_seconds", "handler"), "{{handler}}"),
        one(
          "Handler requests in flight",
          "short",
          `sum by (handler) (realtime_handler_in_flight{${at}})`,
          "{{handler}}",
        ),
      ],
    },
  ];
}

function dashboard(namespace: string, name: string, service: string): object {
  const rows = rowsOf(`namespace="${namespace}",service="${service}"`);
  return grafanaDashboard({ id: [namespace, name], title: `Realtime ${namespace}/${name}`, rows });
}
