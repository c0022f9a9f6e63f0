import type { RealtimeCluster } from "../../api/realtime-cluster.ts";
import { resources } from "../../api/resources.ts";
import { child, type Manifest } from "../shared/child.ts";
import { exposureProfile } from "./profiles.ts";
import { namesOf } from "../shared/names.ts";

/**
 * The name of the IngressClass that must exist, or no controller serves the Ingress. Undefined when no IngressClass is
 * needed.
 */
export function ingressClassOf(cluster: RealtimeCluster): string | undefined {
  const { type, ingress } = cluster.spec.exposure;
  const { classIn, needsClassObject = true } = exposureProfile(cluster);
  return type === "Ingress" && classIn !== "annotations" && needsClassObject ? ingress?.className : undefined;
}

/**
 * The Ingress to the gateways. It sends only the path /socket.io/ to them. Names of Socket.IO namespaces, such as
 * /events, are not paths of URLs.
 */
export function serverIngress(cluster: RealtimeCluster): Manifest | undefined {
  const { type, host, tls, ingress } = cluster.spec.exposure;
  if (type !== "Ingress") return undefined;
  const names = namesOf(cluster);
  const profile = exposureProfile(cluster);
  const annotations = { ...profile.ingress, ...ingress?.annotations };
  const className = profile.classIn === "annotations" ? undefined : ingress?.className;
  return child(
    cluster,
    resources.ingresses,
    { name: names.server, component: "server", annotations },
    {
      spec: {
        ...(className === undefined ? {} : { ingressClassName: className }),
        ...(tls === undefined ? {} : { tls: [{ hosts: [host], secretName: tls.secretName }] }),
        rules: [
          {
            host,
            http: {
              paths: [
                {
                  path: "/socket.io/",
                  pathType: "Prefix",
                  backend: { service: { name: names.server, port: { name: "http" } } },
                },
              ],
            },
          },
        ],
      },
    },
  );
}
