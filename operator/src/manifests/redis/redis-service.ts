import type { RealtimeCluster } from "../../api/realtime-cluster.ts";
import { resources } from "../../api/resources.ts";
import { child, type Manifest } from "../shared/child.ts";
import { selectorOf } from "../shared/labels.ts";
import { namesOf, ports } from "../shared/names.ts";

/**
 * The stable address of a single Redis. A replaced pod gets a new IP address, and gateways reach it under this name at
 * once.
 */
export function redisService(cluster: RealtimeCluster): Manifest | undefined {
  if (cluster.spec.redis.type !== "Managed") return undefined;
  const { redis: name } = namesOf(cluster);
  return child(
    cluster,
    resources.services,
    { name, component: "redis" },
    {
      // With two Redis pods, this Service selects only pod 0, which stores the ledger. Gateways that started before the
      // second pod was added still use this Service.
      spec: {
        type: "ClusterIP",
        selector: { ...selectorOf(cluster, "redis"), "statefulset.kubernetes.io/pod-name": `${name}-0` },
        ports: [{ name: "redis", port: ports.redis, targetPort: "redis", protocol: "TCP" }],
      },
    },
  );
}
