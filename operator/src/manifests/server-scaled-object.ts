import type { RealtimeCluster, Spec } from "../api/realtime-cluster.ts";
import { resources } from "../api/resources.ts";
import { autoscalingBehavior, connectionsMetric } from "./shared/autoscaling-behavior.ts";
import { child, type Manifest } from "./shared/child.ts";
import { namesOf } from "./shared/names.ts";

/**
 * Scales the Deployment by connections, which KEDA reads from Prometheus. With ignoreNullValues "false", a missing
 * value is an error. Otherwise KEDA would take it for zero connections and remove gateways.
 */
export function serverScaledObject(cluster: RealtimeCluster): Manifest | undefined {
  const { autoscaling } = cluster.spec;
  if (autoscaling?.type !== "KEDA") return undefined;
  const { authenticationRef } = autoscaling.keda ?? {};
  const { namespace } = cluster.metadata;
  const names = namesOf(cluster);
  return child(
    cluster,
    resources.scaledObjects,
    { name: names.server, component: "server" },
    {
      spec: {
        scaleTargetRef: { apiVersion: "apps/v1", kind: "Deployment", name: names.server },
        minReplicaCount: autoscaling.minReplicas,
        maxReplicaCount: autoscaling.maxReplicas,
        pollingInterval: 30,
        advanced: { horizontalPodAutoscalerConfig: { behavior: autoscalingBehavior } },
        triggers: [
          {
            type: "prometheus",
            metricType: "AverageValue",
            metadata: {
              serverAddress: autoscaling.prometheusAddress ?? "",
              query: `sum(${connectionsMetric}{namespace="${namespace}",service="${names.server}"})`,
              threshold: String(autoscaling.connectionsPerPod),
              ignoreNullValues: "false",
              ...triggerParameters(autoscaling.keda),
            },
            ...(authenticationRef === undefined ? {} : { authenticationRef }),
          },
        ],
      },
    },
  );
}

/** The metadata of a KEDA trigger has only text values. So lists and maps are written as text, separated by commas. */
function triggerParameters(keda: NonNullable<Spec["autoscaling"]>["keda"]): Record<string, string> {
  const { authModes, customHeaders, metadata } = keda ?? {};
  const headers = Object.entries(customHeaders ?? {}).map(([name, value]) => `${name}=${value}`);
  return {
    ...metadata,
    ...(authModes === undefined ? {} : { authModes: authModes.join(",") }),
    ...(headers.length === 0 ? {} : { customHeaders: headers.join(",") }),
  };
}
