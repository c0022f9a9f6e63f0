import type { RealtimeCluster } from "../api/realtime-cluster.ts";
import { resources } from "../api/resources.ts";
import { child, type Manifest } from "./shared/child.ts";
import type { Inputs } from "./shared/inputs.ts";
import { selectorOf } from "./shared/labels.ts";
import { namesOf } from "./shared/names.ts";
import { releaseAnnotations } from "./shared/pod-release.ts";
import { serverPodTemplate } from "./server-pod-template.ts";

/**
 * The gateways. A rollout adds one pod before it removes one, so that an old pod can move its connections to the new
 * one. When an autoscaler owns replicas, the manifest has no such field.
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
        strategy: { type: "RollingUpdate", rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } },
        selector: { matchLabels: selectorOf(cluster, "server") },
        template: serverPodTemplate(cluster, inputs),
      },
    },
  );
}
