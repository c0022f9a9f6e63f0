import type { RealtimeCluster } from "../../api/realtime-cluster.ts";
import { resources } from "../../api/resources.ts";
import { child, type Manifest } from "../shared/child.ts";
import { selectorOf } from "../shared/labels.ts";
import { metricsLabel } from "./metrics-service.ts";
import { namesOf } from "../shared/names.ts";

/**
 * Makes Prometheus scrape /metrics on the private port. The user's Prometheus must be configured to select this object
 * by its labels.
 */
export function serviceMonitor(cluster: RealtimeCluster): Manifest | undefined {
  const { enabled, labels, interval } = cluster.spec.monitoring.serviceMonitor;
  if (!enabled) return undefined;
  // The labels name the Service that applications use. Alerts, dashboards and autoscalers select by them.
  const named = (targetLabel: string) => ({ targetLabel, replacement: namesOf(cluster).server });
  return child(
    cluster,
    resources.serviceMonitors,
    { name: namesOf(cluster).server, component: "server", labels },
    {
      spec: {
        selector: { matchLabels: { ...selectorOf(cluster, "server"), ...metricsLabel } },
        namespaceSelector: { matchNames: [cluster.metadata.namespace] },
        targetLabels: ["app.kubernetes.io/instance"],
        endpoints: [{ port: "private", path: "/metrics", interval, relabelings: ["job", "service"].map(named) }],
      },
    },
  );
}
