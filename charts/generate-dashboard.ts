// Generates the operator's dashboard for Grafana, which the chart puts into a ConfigMap. With --check it writes nothing
// and fails if the file is out of date.
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import {
  grafanaDashboard,
  onePanel,
  statesPanel,
  type Row,
} from "../operator/src/manifests/monitoring/grafana-dashboard.ts";

const file = join(import.meta.dirname, "realtime-operator/files/operator-dashboard.json");
const at = 'namespace="$namespace"';
/** Restricts a metric that every process has to the operator's pods. */
const ofOperator = `and on (namespace, pod) realtime_operator_synced{${at}}`;

const rows: readonly Row[] = [
  {
    title: "Work: does the operator apply what users write?",
    panels: [
      onePanel("Clusters", "short", `max(realtime_operator_clusters{${at}})`),
      onePanel(
        "Reconcile passes a second, by outcome",
        "ops",
        `sum by (outcome) (rate(realtime_operator_reconciles_total{${at}}[5m]))`,
        "{{outcome}}",
      ),
      onePanel(
        "Duration of a pass, p99",
        "s",
        `histogram_quantile(0.99, sum by (le) (rate(realtime_operator_reconcile_seconds_bucket{${at}}[5m])))`,
      ),
      onePanel(
        "Wait before a pass, p99",
        "s",
        `histogram_quantile(0.99, sum by (le) (rate(realtime_operator_queue_seconds_bucket{${at}}[5m])))`,
      ),
    ],
  },
  {
    title: "Health: does one replica lead, and does it hear the API server?",
    panels: [
      statesPanel("Leads", `max by (pod) (realtime_operator_leader{${at}})`),
      onePanel(
        "Seconds since the API server sent something",
        "s",
        `max by (pod) (realtime_operator_watch_age_seconds{${at}})`,
        "{{pod}}",
      ),
      onePanel(
        "Requests to the API server a second, by answer",
        "ops",
        `sum by (verb, code) (rate(realtime_operator_api_requests_total{${at}}[5m]))`,
        "{{verb}} {{code}}",
      ),
      onePanel(
        "Replicas by version",
        "short",
        `count by (version) (realtime_build_info{${at},component="operator"})`,
        "{{version}}",
      ),
      onePanel(
        "CPU cores used",
        "short",
        `sum by (pod) (rate(process_cpu_seconds_total{${at}}[5m]) ${ofOperator})`,
        "{{pod}}",
      ),
      onePanel(
        "Resident memory",
        "bytes",
        `max by (pod) (process_resident_memory_bytes{${at}} ${ofOperator})`,
        "{{pod}}",
      ),
    ],
  },
];

const namespaces = {
  name: "namespace",
  type: "query",
  datasource: { type: "prometheus", uid: "${datasource}" },
  query: "label_values(realtime_operator_synced, namespace)",
  refresh: 1,
};
const dashboard = grafanaDashboard({
  id: ["realtime-operator"],
  title: "Realtime operator",
  rows,
  variables: [namespaces],
});
const text = `${JSON.stringify(dashboard, undefined, 1)}\n`;

if (process.argv.includes("--check")) {
  if (readFileSync(file, "utf8") !== text) throw new Error(`${file} is out of date`);
} else writeFileSync(file, text);
