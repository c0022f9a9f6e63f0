import type { RealtimeCluster } from "../../api/realtime-cluster.ts";
import { resources } from "../../api/resources.ts";
import { child, type Manifest } from "../shared/child.ts";
import { selectorOf } from "../shared/labels.ts";
import { namesOf, ports } from "../shared/names.ts";

/** Only this Service has the label, so the ServiceMonitor selects no other one. */
export const metricsLabel = { "realtime.dev/metrics": "true" } as const;

/**
 * The headless Service by which Prometheus finds the gateways. A pod that drains is in no other Service any more. With
 * publishNotReadyAddresses, Kubernetes lists a pod until its containers have ended.
 */
export function metricsService(cluster: RealtimeCluster): Manifest | undefined {
  if (!cluster.spec.monitoring.serviceMonitor.enabled) return undefined;
  return child(
    cluster,
    resources.services,
    { name: namesOf(cluster).metrics, component: "server", labels: metricsLabel },
    {
      spec: {
        type: "ClusterIP",
        clusterIP: "None",
        publishNotReadyAddresses: true,
        selector: selectorOf(cluster, "server"),
        ports: [{ name: "private", port: ports.private, targetPort: "private", protocol: "TCP", appProtocol: "http" }],
      },
    },
  );
}
