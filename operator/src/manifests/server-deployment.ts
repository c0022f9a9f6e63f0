import type { RealtimeCluster } from "../api/realtime-cluster.ts";
import { resources } from "../api/resources.ts";
import { child, type Manifest } from "./shared/child.ts";
import type { Inputs } from "./shared/inputs.ts";
import { selectorOf } from "./shared/labels.ts";
import { namesOf } from "./shared/names.ts";
import { releaseAnnotations } from "./shared/pod-release.ts";
import { serverPodTemplate } from "./server-pod-template.ts";

/** New gateways become ready at about the same time, so all of them count as available together. */
const ALL_READY_SECONDS = 15;

/** Old pods need ready ones to which they can move their connections. So a rollout adds pods before it removes any. */
function rolloutOf(strategy: RealtimeCluster["spec"]["rollout"]["strategy"]): object {
  const isAtOnce = strategy === "AllAtOnce";
  return {
    strategy: { type: "RollingUpdate", rollingUpdate: { maxSurge: isAtOnce ? "100%" : 1, maxUnavailable: 0 } },
    ...(isAtOnce ? { minReadySeconds: ALL_READY_SECONDS } : {}),
  };
}

/**
 * The gateways. When an autoscaler owns replicas, the manifest has no such field.
 */
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
        revisionHistoryLimit: 3,
        progressDeadlineSeconds: 600,
        ...rolloutOf(spec.rollout.strategy),
        selector: { matchLabels: selectorOf(cluster, "server") },
        template: serverPodTemplate(cluster, inputs),
      },
    },
  );
}
