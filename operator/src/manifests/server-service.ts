import type { RealtimeCluster } from "../api/realtime-cluster.ts";
import { resources } from "../api/resources.ts";
import { child, type Manifest } from "./shared/child.ts";
import { exposureProfile } from "./exposure/profiles.ts";
import { selectorOf } from "./shared/labels.ts";
import { namesOf, ports } from "./shared/names.ts";

/** What clients and the ingress reach, and the private port for scrapers and for back ends that publish. */
export function serverService(cluster: RealtimeCluster): Manifest {
  const annotations = { ...exposureProfile(cluster).service, ...cluster.spec.exposure.ingress?.serviceAnnotations };
  // Long-polling needs one pod per client even where no ingress sees to it; behind one, addresses would be the
  // ingress's own.
  const sticky = cluster.spec.exposure.type === "None" && cluster.spec.transports.includes("polling");
  return child(
    cluster,
    resources.services,
    { name: namesOf(cluster).server, component: "server", annotations },
    {
      spec: {
        type: "ClusterIP",
        sessionAffinity: sticky ? "ClientIP" : "None",
        selector: selectorOf(cluster, "server"),
        ports: [
          { name: "http", port: ports.service, targetPort: "http", protocol: "TCP", appProtocol: "http" },
          { name: "private", port: ports.private, targetPort: "private", protocol: "TCP", appProtocol: "http" },
        ],
      },
    },
  );
}
