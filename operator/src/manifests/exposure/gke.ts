import type { ExposureFacts, ExposureProfile } from "./profile.ts";

/**
 * GKE reads the ingress class only from the annotation. By default, it closes a WebSocket after 30 s, and its health
 * check expects a 200. No annotation changes this, so the user must create a BackendConfig. The health checks come from
 * two networks.
 * Source: Google Cloud, "Ingress configuration on Google Cloud" and "Health checks overview".
 */
export function gke({ serviceName, affinity, className, drainSeconds }: ExposureFacts): ExposureProfile {
  const cookie = affinity === "needed" ? ", sessionAffinity.affinityType GENERATED_COOKIE" : "";
  return {
    ingress: { "kubernetes.io/ingress.class": className ?? "gce" },
    classIn: "annotations",
    trustedProxies: ["gke"],
    probesFrom: ["35.191.0.0/16", "130.211.0.0/22"],
    service: {
      "cloud.google.com/neg": '{"ingress": true}',
      "cloud.google.com/backend-config": `{"default": "${serviceName}"}`,
    },
    advice:
      `GKE needs a BackendConfig ${serviceName} with timeoutSec 86400, healthCheck of type HTTP on port 9090 and requestPath /readyz, ` +
      `connectionDraining.drainingTimeoutSec ${Math.min(3600, drainSeconds)}${cookie}: create it: without it no client can connect, or connections end after 30 s`,
  };
}
