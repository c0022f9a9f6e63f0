import type { RealtimeCluster } from "../api/realtime-cluster.ts";
import { resources } from "../api/resources.ts";
import { child, type Manifest } from "./shared/child.ts";
import { exposureProfile } from "./exposure/profiles.ts";
import { selectorOf } from "./shared/labels.ts";
import { namesOf, ports } from "./shared/names.ts";

/**
 * The Service of the gateways. Its public port is for clients and for the ingress. Its private port is for Prometheus,
 * and for back ends that publish messages.
 */
export function serverService(cluster: RealtimeCluster): Manifest {
  const annotations = { ...exposureProfile(cluster).service, ...cluster.spec.exposure.ingress?.serviceAnnotations };
  // Without an ingress, the Service sends a polling client always to the same pod, by the client's IP address. Behind
  // an ingress this would not work: all requests come from the ingress' IP address.
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
