import type { RealtimeCluster } from "../../api/realtime-cluster.ts";
import { resources } from "../../api/resources.ts";
import { child, type Manifest } from "../shared/child.ts";
import { namesOf } from "../shared/names.ts";

const runbooks = "https://github.com/realtime-operator/realtime-operator/blob/main/docs/runbooks";

/** One alert of the PrometheusRule. */
interface Alert {
  name: string;
  expr: string;
  /** How long the expression must be true before the alert fires. */
  holds: string;
  severity: "critical" | "warning";
  summary: string;
}

/**
 * The alerts. Each means a problem for clients, and docs/runbooks has a runbook with its name. The connection limit
 * comes from a metric of the gateways and not from the spec, so an edit of the limit does not change this object.
 */
export function prometheusRule(cluster: RealtimeCluster): Manifest | undefined {
  const { serviceMonitor, prometheusRule: rule } = cluster.spec.monitoring;
  if (!rule.enabled) return undefined;
  const { name, namespace } = cluster.metadata;
  return child(
    cluster,
    resources.prometheusRules,
    { name: namesOf(cluster).server, component: "server", labels: serviceMonitor.labels },
    {
      spec: {
        groups: [
          {
            name: `realtime-${namespace}-${name}`,
            rules: alertsOf(cluster).map(({ name: title, expr, holds, severity, summary }) => ({
              alert: title,
              expr,
              for: holds,
              labels: { severity, namespace, realtime_cluster: name },
              annotations: { summary, runbook_url: `${runbooks}/${title}.md` },
            })),
          },
        ],
      },
    },
  );
}

/** The label values of realtime_ledger_inexact that mean that Redis answers but refuses writes. */
const refusals = ["out-of-memory", "disk-error", "no-permission", "too-few-replicas", "error"];

function alertsOf(cluster: RealtimeCluster): Alert[] {
  const about = `${cluster.metadata.namespace}/${cluster.metadata.name}`;
  const at = seriesOf(cluster);
  return [
    ...noGateway(cluster, at),
    {
      name: "RealtimeRedisAway",
      expr: `max(realtime_bus_up{${at}}) == 0`,
      holds: "2m",
      severity: "critical",
      summary: `No gateway of ${about} can reach Redis: messages do not reach clients of other gateways`,
    },
    {
      name: "RealtimeGatewayIsolated",
      expr: `min by (pod) (realtime_bus_up{${at}}) == 0 and on () max(realtime_bus_up{${at}}) == 1`,
      holds: "5m",
      severity: "warning",
      summary: `Gateway {{ $labels.pod }} of ${about} cannot reach Redis: its clients miss messages of other gateways`,
    },
    {
      name: "RealtimeRedisRefusesWrites",
      expr: `max by (reason) (realtime_ledger_inexact{${at},reason=~"${refusals.join("|")}"}) == 1`,
      holds: "2m",
      severity: "critical",
      summary: `Redis of ${about} refuses writes ({{ $labels.reason }}): gateways enforce only their shares of the limits`,
    },
    {
      name: "RealtimeRedisNotPrimary",
      expr: `max(realtime_ledger_inexact{${at},reason="read-only"}) == 1`,
      holds: "2m",
      severity: "critical",
      summary: `Gateways of ${about} are connected to a Redis that is not the primary: messages can be lost`,
    },
    {
      name: "RealtimeLimitsNotExact",
      expr: `min(realtime_ledger_exact{${at}}) == 0`,
      holds: "5m",
      severity: "warning",
      summary: `Gateways of ${about} enforce only their shares of the limits: clients can be refused too early`,
    },
    {
      name: "RealtimeTokensRefused",
      expr: `sum(rate(realtime_refusals_total{${at},code="ISSUER_UNAVAILABLE"}[5m])) > 0`,
      holds: "5m",
      severity: "critical",
      summary: `${about} refuses clients because the keys of their tokens' issuer cannot be read`,
    },
    {
      name: "RealtimeIssuerKeysAway",
      expr: `min by (issuer) (realtime_issuer_keys_up{${at}}) == 0`,
      holds: "15m",
      severity: "warning",
      summary: `A gateway of ${about} cannot read the keys of {{ $labels.issuer }}: gateways refuse tokens with newer keys, and new gateways refuse all its tokens`,
    },
    {
      name: "RealtimeRecoveryWindowShort",
      expr: `min(realtime_recovery_window_seconds{${at}} / realtime_recovery_window_promised_seconds{${at}}) < 0.9`,
      holds: "10m",
      severity: "warning",
      summary: `Gateways of ${about} keep messages for less than spec.recovery.windowSeconds: clients that return later are not recovered`,
    },
    {
      name: "RealtimeHandlerFailing",
      expr: `sum by (handler) (rate(realtime_handler_seconds_count{${at},result!~"ok|error|stopped"}[5m])) > 0.1 * sum by (handler) (rate(realtime_handler_seconds_count{${at}}[5m]))`,
      holds: "5m",
      severity: "warning",
      summary: `Handler {{ $labels.handler }} of ${about} gives no valid answers: gateways refuse its events`,
    },
    {
      name: "RealtimeNearlyFull",
      expr: `sum(realtime_connections{${at}}) > 0.9 * max(realtime_limit{${at},limit="maxConnections"})`,
      holds: "10m",
      severity: "warning",
      summary: `${about} uses more than 90 % of spec.limits.maxConnections`,
    },
  ];
}

/** A cluster that is scaled to zero on purpose does not get this alert, because it has no gateways. */
function noGateway(cluster: RealtimeCluster, at: string): Alert[] {
  const { autoscaling, replicas } = cluster.spec;
  if ((autoscaling?.minReplicas ?? replicas) === 0) return [];
  return [
    {
      name: "RealtimeNoGateway",
      expr: `absent(up{${at}} == 1)`,
      holds: "2m",
      severity: "critical",
      summary: `No gateway of ${cluster.metadata.namespace}/${cluster.metadata.name} answers: clients cannot connect`,
    },
  ];
}

/**
 * The labels that select the gateways' time series. Without our ServiceMonitor, the label `service` may be missing,
 * because the user's scrape configuration sets the labels. Then the pod name selects the series.
 */
function seriesOf(cluster: RealtimeCluster): string {
  const { server } = namesOf(cluster);
  const { serviceMonitor } = cluster.spec.monitoring;
  const gateways = serviceMonitor.enabled ? `service="${server}"` : `pod=~"${server}-[a-z0-9]+-[a-z0-9]+"`;
  return `namespace="${cluster.metadata.namespace}",${gateways}`;
}
