import type { RealtimeCluster } from "../api/realtime-cluster.ts";
import { resources } from "../api/resources.ts";
import { child, type Manifest } from "./shared/child.ts";
import { namesOf } from "./shared/names.ts";

const runbooks = "https://github.com/realtime-operator/realtime-operator/blob/main/docs/runbooks";

/**
 * Few alerts, each of consequence to clients, each with a runbook of its name in docs/runbooks. The limit comes from the gateways'
 * own metric, so that an edit of it changes no rule.
 */
export function prometheusRule(cluster: RealtimeCluster): Manifest | undefined {
  const { serviceMonitor, prometheusRule: rule } = cluster.spec.monitoring;
  const { autoscaling, replicas } = cluster.spec;
  const isParked = autoscaling === undefined && replicas === 0;
  if (!rule.enabled) return undefined;
  const { name, namespace } = cluster.metadata;
  const at = `namespace="${namespace}",service="${namesOf(cluster).server}"`;
  const alert = (title: string, expr: string, forHow: string, severity: "critical" | "warning", summary: string) => ({
    alert: title,
    expr,
    for: forHow,
    labels: { severity, realtime_cluster: name },
    annotations: { summary, runbook_url: `${runbooks}/${title}.md` },
  });
  const noGateway = alert(
    "RealtimeNoGateway",
    `absent(up{${at}} == 1)`,
    "2m",
    "critical",
    `No gateway of ${namespace}/${name} answers: clients cannot connect`,
  );
  return child(
    cluster,
    resources.prometheusRules,
    { name: namesOf(cluster).server, component: "server", labels: serviceMonitor.labels },
    {
      spec: {
        groups: [
          {
            name: `realtime-${namespace}-${name}`,
            rules: [
              // A cluster scaled to zero on purpose has no gateway.
              ...(isParked ? [] : [noGateway]),
              alert(
                "RealtimeRedisAway",
                `max(realtime_bus_up{${at}}) == 0`,
                "2m",
                "critical",
                `Gateways of ${namespace}/${name} have no Redis: messages stay on the pod they came from`,
              ),
              alert(
                "RealtimeNearlyFull",
                `sum(realtime_connections{${at}}) > 0.9 * max(realtime_limit{${at},limit="maxConnections"})`,
                "10m",
                "warning",
                `${namespace}/${name} uses more than 90 % of spec.limits.maxConnections`,
              ),
            ],
          },
        ],
      },
    },
  );
}
