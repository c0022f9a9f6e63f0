import type { RealtimeCluster } from "../../api/realtime-cluster.ts";
import { resources } from "../../api/resources.ts";
import { child, type Manifest } from "../shared/child.ts";
import { namesOf } from "../shared/names.ts";
import { stableHash } from "../shared/stable-hash.ts";

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

function dashboard(namespace: string, name: string, service: string): object {
  const at = `namespace="${namespace}",service="${service}"`;
  const panels = [
    panel("Connections per pod", `sum by (pod) (realtime_connections{${at}})`, "short"),
    panel("Events received a second", `sum(rate(realtime_event_seconds_count{${at}}[5m]))`, "ops"),
    panel("Refusals a second, by code", `sum by (code) (rate(realtime_refusals_total{${at}}[5m]))`, "ops"),
    panel("Redis reachable", `min by (pod) (realtime_bus_up{${at}})`, "short"),
    panel(
      "Returning clients a second, by result",
      `sum by (result) (rate(realtime_recoveries_total{${at}}[5m]))`,
      "ops",
    ),
    panel("Recovery window held", `min by (pod) (realtime_recovery_window_seconds{${at}})`, "s"),
    panel(
      "Handler requests a second, by result",
      `sum by (handler, result) (rate(realtime_handler_seconds_count{${at}}[5m]))`,
      "ops",
    ),
    panel(
      "Handler answers, p99",
      `histogram_quantile(0.99, sum by (le, handler) (rate(realtime_handler_seconds_bucket{${at}}[5m])))`,
      "s",
    ),
    panel("Handler requests in flight", `sum by (handler) (realtime_handler_in_flight{${at}})`, "short"),
    panel("Resident memory", `process_resident_memory_bytes{${at}}`, "bytes"),
    panel("Event loop lag, p99", `nodejs_eventloop_lag_p99_seconds{${at}}`, "s"),
  ];
  return {
    uid: stableHash([namespace, name]),
    title: `Realtime ${namespace}/${name}`,
    tags: ["realtime"],
    refresh: "30s",
    time: { from: "now-3h", to: "now" },
    templating: { list: [{ name: "datasource", type: "datasource", query: "prometheus" }] },
    panels: panels.map((each, index) => ({
      ...each,
      id: index + 1,
      gridPos: { x: (index % 2) * 12, y: Math.floor(index / 2) * 8, w: 12, h: 8 },
    })),
  };
}

function panel(title: string, expr: string, unit: string): object {
  return {
    title,
    type: "timeseries",
    datasource: { type: "prometheus", uid: "${datasource}" },
    fieldConfig: { defaults: { unit }, overrides: [] },
    targets: [{ expr, refId: "A" }],
  };
}
