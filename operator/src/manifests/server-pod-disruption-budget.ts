import type { RealtimeCluster } from "../api/realtime-cluster.ts";
import { resources } from "../api/resources.ts";
import { child, type Manifest } from "./shared/child.ts";
import { selectorOf } from "./shared/labels.ts";
import { namesOf } from "./shared/names.ts";

/**
 * Allows one gateway to be evicted at a time. maxUnavailable, because minAvailable would block a node drain with one
 * gateway.
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
