import type { ExposureFacts, ExposureProfile } from "./profile.ts";

/**
 * GKE's Ingress takes timeout and affinity from a BackendConfig, a kind of its own that belongs to you: the Service names it.
 * Its 30 s default is the longest a WebSocket lives. Source: Google Cloud, "Ingress configuration on Google Cloud".
 */
export function gke({ serviceName, affinity }: ExposureFacts): ExposureProfile {
  const cookie = affinity === "needed" ? " and sessionAffinity.affinityType GENERATED_COOKIE" : "";
  return {
    ingress: { "kubernetes.io/ingress.class": "gce" },
    service: {
      "cloud.google.com/neg": '{"ingress": true}',
      "cloud.google.com/backend-config": `{"default": "${serviceName}"}`,
    },
    advice: `GKE needs a BackendConfig ${serviceName} with timeoutSec 86400${cookie}: create it, or connections end after 30 s`,
  };
}
