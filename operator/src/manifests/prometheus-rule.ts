import type { RealtimeCluster } from "../api/realtime-cluster.ts";
import { resources } from "../api/resources.ts";
import { child, type Manifest } from "./child.ts";
import { namesOf } from "./names.ts";

/** Few alerts, each of consequence to clients, each with a runbook of its name in docs/runbooks. */
export function prometheusRule(cluster: RealtimeCluster): Manifest | undefined {
  const { serviceMonitor, prometheusRule: rule } = cluster.spec.monitoring;
  if (!rule.enabled) return undefined;
  const { name, namespace } = cluster.metadata;
  const at = `namespace="${namespace}",service="${name}-server"`;
  const alert = (title: string, expr: string, forHow: string, severity: "critical" | "warning", summary: string) => ({
    alert: title,
    expr,
    for: forHow,
    labels: { severity, realtime_cluster: name },
    annotations: { summary, runbook: `docs/runbooks/${title}.md` },
  });
  return child(cluster, resources.prometheusRules, { name: namesOf(cluster).server, component: "server", labels: serviceMonitor.labels }, {
    spec: {
      groups: [
        {
          name: `realtime-${namespace}-${name}`,
          rules: [
            alert("RealtimeNoGateway", `absent(up{${at}} == 1)`, "2m", "critical", `No gateway of ${namespace}/${name} answers: clients cannot connect`),
            alert("RealtimeRedisAway", `max(realtime_bus_up{${at}}) == 0`, "2m", "critical", `Gateways of ${namespace}/${name} have no Redis: messages stay on the pod they came from`),
            alert("RealtimeNearlyFull", `sum(realtime_connections{${at}}) > 0.9 * ${cluster.spec.limits.maxConnections}`, "10m", "warning", `${namespace}/${name} uses more than 90 % of spec.limits.maxConnections`),
          ],
        },
      ],
    },
  });
}
