import type { RealtimeCluster } from "../api/realtime-cluster.ts";
import { resources } from "../api/resources.ts";
import { child, type Manifest } from "./child.ts";
import { selectorOf } from "./labels.ts";
import { namesOf, ports } from "./names.ts";

/** The stable address of a single Redis: it outlives the pod's own, so clients find the next pod at once. */
export function redisService(cluster: RealtimeCluster): Manifest | undefined {
  if (cluster.spec.redis.type !== "Managed") return undefined;
  return child(cluster, resources.services, { name: namesOf(cluster).redis, component: "redis" }, {
    spec: { type: "ClusterIP", selector: selectorOf(cluster, "redis"), ports: [{ name: "redis", port: ports.redis, targetPort: "redis", protocol: "TCP" }] },
  });
}
