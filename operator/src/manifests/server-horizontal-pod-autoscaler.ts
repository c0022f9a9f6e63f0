import type { RealtimeCluster } from "../api/realtime-cluster.ts";
import { resources } from "../api/resources.ts";
import { autoscalingBehavior, connectionsMetric } from "./shared/autoscaling-behavior.ts";
import { child, type Manifest } from "./shared/child.ts";
import { namesOf } from "./shared/names.ts";

/**
 * Scales the Deployment by connections per pod. The autoscaler reads this number from the custom-metrics API, which the
 * user must install.
 */
export function serverHorizontalPodAutoscaler(cluster: RealtimeCluster): Manifest | undefined {
  const { autoscaling } = cluster.spec;
  if (autoscaling?.type !== "HPA") return undefined;
  const names = namesOf(cluster);
  return child(
    cluster,
    resources.horizontalPodAutoscalers,
    { name: names.server, component: "server" },
    {
      spec: {
        scaleTargetRef: { apiVersion: "apps/v1", kind: "Deployment", name: names.server },
        minReplicas: autoscaling.minReplicas,
        maxReplicas: autoscaling.maxReplicas,
        metrics: [
          {
            type: "Pods",
            pods: {
              metric: { name: connectionsMetric },
              target: { type: "AverageValue", averageValue: String(autoscaling.connectionsPerPod) },
            },
          },
        ],
        behavior: autoscalingBehavior,
      },
    },
  );
}
