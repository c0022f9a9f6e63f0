import type { RealtimeCluster } from "../api/realtime-cluster.ts";
import { resources } from "../api/resources.ts";
import { child, type Manifest } from "./shared/child.ts";
import { selectorOf } from "./shared/labels.ts";
import { namesOf } from "./shared/names.ts";

/**
 * Allows the eviction of one gateway at a time. With minAvailable instead of maxUnavailable, a cluster with a single
 * gateway would block node drains.
 */
export function serverPodDisruptionBudget(cluster: RealtimeCluster): Manifest {
  return child(
    cluster,
    resources.podDisruptionBudgets,
    { name: namesOf(cluster).server, component: "server" },
    {
      spec: {
        maxUnavailable: 1,
        unhealthyPodEvictionPolicy: "AlwaysAllow",
        selector: { matchLabels: selectorOf(cluster, "server") },
      },
    },
  );
}
