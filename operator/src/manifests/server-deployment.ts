import type { RealtimeCluster } from "../api/realtime-cluster.ts";
import { resources } from "../api/resources.ts";
import { child, type Manifest } from "./shared/child.ts";
import type { Inputs } from "./shared/inputs.ts";
import { selectorOf } from "./shared/labels.ts";
import { namesOf } from "./shared/names.ts";
import { releaseAnnotations } from "./shared/pod-release.ts";
import { serverPodTemplate } from "./server-pod-template.ts";

/**
 * In a rollout AllAtOnce, a new gateway counts as available only after it has been ready for this long. All new
 * gateways become ready within this time, so they become available together.
 */
const ALL_READY_SECONDS = 15;

/** Old pods move their connections to pods that are ready. So a rollout adds new pods before it removes old ones. */
function rolloutOf(strategy: RealtimeCluster["spec"]["rollout"]["strategy"]): object {
  const isAtOnce = strategy === "AllAtOnce";
  return {
    strategy: { type: "RollingUpdate", rollingUpdate: { maxSurge: isAtOnce ? "100%" : 1, maxUnavailable: 0 } },
    ...(isAtOnce ? { minReadySeconds: ALL_READY_SECONDS } : {}),
  };
}

/** The Deployment of the gateways. Once an autoscaler owns `replicas`, the manifest does not contain this field. */
export function serverDeployment(cluster: RealtimeCluster, inputs: Inputs): Manifest {
  const { spec } = cluster;
  const replicas = spec.autoscaling === undefined ? spec.replicas : inputs.replicasUntilHandedOver;
  const annotations = releaseAnnotations(inputs.releases.gateway, spec.image);
  return child(
    cluster,
    resources.deployments,
    { name: namesOf(cluster).server, component: "server", annotations },
    {
      spec: {
        ...(replicas === undefined ? {} : { replicas }),
        // Ends a `kubectl rollout pause`, because a paused Deployment would never replace its pods.
        paused: false,
        revisionHistoryLimit: 3,
        progressDeadlineSeconds: 600,
        ...rolloutOf(spec.rollout.strategy),
        selector: { matchLabels: selectorOf(cluster, "server") },
        template: serverPodTemplate(cluster, inputs),
      },
    },
  );
}
