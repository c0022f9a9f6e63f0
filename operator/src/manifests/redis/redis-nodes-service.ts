import type { RealtimeCluster } from "../../api/realtime-cluster.ts";
import { resources } from "../../api/resources.ts";
import { child, type Manifest } from "../shared/child.ts";
import { selectorOf } from "../shared/labels.ts";
import { namesOf, ports } from "../shared/names.ts";

/**
 * A headless Service, which gives each Redis pod a DNS name. Two independent instances need this, because gateways must
 * connect to both.
 */
export function redisNodesService(cluster: RealtimeCluster): Manifest | undefined {
  if (cluster.spec.redis.type !== "Managed") return undefined;
  return child(
    cluster,
    resources.services,
    { name: namesOf(cluster).redisNodes, component: "redis" },
    {
      spec: {
        type: "ClusterIP",
        clusterIP: "None",
        publishNotReadyAddresses: true,
        selector: selectorOf(cluster, "redis"),
        ports: [{ name: "redis", port: ports.redis, targetPort: "redis", protocol: "TCP" }],
      },
    },
  );
}
