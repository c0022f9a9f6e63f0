import type { RealtimeCluster } from "../api/realtime-cluster.ts";
import { resources } from "../api/resources.ts";
import { child, type Manifest } from "./shared/child.ts";
import { selectorOf } from "./shared/labels.ts";
import { namesOf } from "./shared/names.ts";

/**
 * One gateway at a time may be evicted. Counted in pods away, not in pods left, so that a fleet of one never blocks a
 * node's drain.
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
