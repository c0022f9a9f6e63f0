import type { RealtimeCluster } from "../../api/realtime-cluster.ts";
import { resources } from "../../api/resources.ts";
import { child, type Manifest } from "../shared/child.ts";
import { selectorOf } from "../shared/labels.ts";
import { namesOf } from "../shared/names.ts";

/**
 * Allows a node drain to evict one of two Redis instances at a time. A single instance has no budget, because the
 * budget would block the drain.
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
