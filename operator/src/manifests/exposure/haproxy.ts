import type { ExposureFacts, ExposureProfile } from "./profile.ts";

/**
 * HAProxy Technologies' controller reads the cookie's settings from the Service. It uses a dynamic cookie, whose value
 * all replicas of the proxy compute alike. timeout-tunnel is one hour by default; only the controller's ConfigMap can
 * change it.
 * Source: haproxytech/kubernetes-ingress 3.2, documentation/annotations.md.
 */
export function haproxy({ affinity, cookieName }: ExposureFacts): ExposureProfile {
  return { ingress: {}, service: affinity === "needed" ? { "haproxy.org/cookie-persistence": cookieName } : {} };
}
