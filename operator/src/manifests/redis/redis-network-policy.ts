import type { RealtimeCluster } from "../../api/realtime-cluster.ts";
import { resources } from "../../api/resources.ts";
import { child, type Manifest } from "../shared/child.ts";
import { selectorOf } from "../shared/labels.ts";
import { namesOf, ports } from "../shared/names.ts";

/** Only the cluster's own gateways reach its Redis, and Redis reaches nothing. */
export function redisNetworkPolicy(cluster: RealtimeCluster): Manifest | undefined {
  if (cluster.spec.redis.type !== "Managed" || !cluster.spec.networkPolicy.enabled) return undefined;
  return child(
    cluster,
    resources.networkPolicies,
    { name: namesOf(cluster).redis, component: "redis" },
    {
      spec: {
        podSelector: { matchLabels: selectorOf(cluster, "redis") },
        // No egress rules: none is allowed. An empty list would say the same, but API servers store none, so every
        // apply of one is a change to them.
        policyTypes: ["Ingress", "Egress"],
        ingress: [
          {
            from: [{ podSelector: { matchLabels: selectorOf(cluster, "server") } }],
            ports: [{ port: ports.redis, protocol: "TCP" }],
          },
        ],
      },
    },
  );
}
