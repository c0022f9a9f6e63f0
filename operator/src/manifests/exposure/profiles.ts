import type { RealtimeCluster } from "../../api/realtime-cluster.ts";
import { alb } from "./alb.ts";
import { contour } from "./contour.ts";
import { f5Nginx } from "./f5-nginx.ts";
import { gke } from "./gke.ts";
import { haproxyIngress } from "./haproxy-ingress.ts";
import { haproxy } from "./haproxy.ts";
import { ingressNginx } from "./ingress-nginx.ts";
import { exposureFacts, type ExposureFacts, type ExposureProfile } from "./profile.ts";
import { traefik } from "./traefik.ts";

type Controller = NonNullable<RealtimeCluster["spec"]["exposure"]["ingress"]>["controller"];

const profiles: Record<Controller, (facts: ExposureFacts) => ExposureProfile> = {
  Generic: ({ affinity }) => ({
    ingress: {},
    service: {},
    ...(affinity === "needed"
      ? {
          advice:
            "polling needs session affinity: set it by spec.exposure.ingress.annotations, or set spec.exposure.ingress.controller to your controller",
        }
      : {}),
  }),
  Traefik: traefik,
  HAProxy: haproxy,
  HAProxyIngress: haproxyIngress,
  F5Nginx: f5Nginx,
  IngressNginx: ingressNginx,
  ALB: alb,
  GKE: gke,
  Contour: contour,
};

/** The profile of the cluster's ingress controller. It is empty when no Ingress exposes the cluster. */
export function exposureProfile(cluster: RealtimeCluster): ExposureProfile {
  if (cluster.spec.exposure.type !== "Ingress") return { ingress: {}, service: {} };
  return profiles[cluster.spec.exposure.ingress?.controller ?? "Generic"](exposureFacts(cluster));
}
