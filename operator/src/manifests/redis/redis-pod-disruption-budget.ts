import type { RealtimeCluster } from "../../api/realtime-cluster.ts";
import { resources } from "../../api/resources.ts";
import { child, type Manifest } from "../shared/child.ts";
import { selectorOf } from "../shared/labels.ts";
import { namesOf } from "../shared/names.ts";

/**
 * Lets a node drain evict one of two Redis pods at a time. A single Redis pod has no such budget, because it would
 * block node drains.
 */
export function redisPodDisruptionBudget(cluster: RealtimeCluster): Manifest | undefined {
  const { type, managed } = cluster.spec.redis;
  if (type !== "Managed" || (managed?.replicas ?? 1) < 2) return undefined;
  return child(
    cluster,
    resources.podDisruptionBudgets,
    { name: namesOf(cluster).redis, component: "redis" },
    {
      spec: {
        maxUnavailable: 1,
        unhealthyPodEvictionPolicy: "AlwaysAllow",
        selector: { matchLabels: selectorOf(cluster, "redis") },
      },
    },
  );
}
