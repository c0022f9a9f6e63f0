import type { RealtimeCluster } from "../../api/realtime-cluster.ts";
import { resources } from "../../api/resources.ts";
import { child, type Manifest } from "../shared/child.ts";
import { selectorOf } from "../shared/labels.ts";
import { namesOf, ports } from "../shared/names.ts";

/** Only the cluster's own gateways may connect to its Redis. Redis may connect to nothing. */
export function redisNetworkPolicy(cluster: RealtimeCluster): Manifest | undefined {
  if (cluster.spec.redis.type !== "Managed" || !cluster.spec.networkPolicy.enabled) return undefined;
  return child(
    cluster,
    resources.networkPolicies,
    { name: namesOf(cluster).redis, component: "redis" },
    {
      spec: {
        podSelector: { matchLabels: selectorOf(cluster, "redis") },
        // Egress without rules means that Redis may connect to nothing. Do not write `egress: []`: API servers remove
        // empty lists, so the operator would apply the object in every pass.
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
