import type { ExposureFacts, ExposureProfile } from "./profile.ts";

/**
 * HAProxy Technologies' controller reads cookie persistence from the Service. The cookie is dynamic, so that all proxy
 * replicas agree. timeout-tunnel is one hour by default, and only its ConfigMap can set it.
 * Source: haproxytech/kubernetes-ingress 3.2, documentation/annotations.md.
 */
export function haproxy({ affinity, cookieName }: ExposureFacts): ExposureProfile {
  return { ingress: {}, service: affinity === "needed" ? { "haproxy.org/cookie-persistence": cookieName } : {} };
}
