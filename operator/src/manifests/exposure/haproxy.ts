import type { ExposureFacts, ExposureProfile } from "./profile.ts";

/**
 * HAProxy Technologies' controller resolves cookie persistence on the Service (on an Ingress it is ignored since June
 * 2026). The cookie is dynamic, so replicas of the proxy agree on it. timeout-tunnel is one hour by default and in its
 * ConfigMap only. Source: haproxytech/kubernetes-ingress 3.2, documentation/annotations.md.
 */
export function haproxy({ affinity, cookieName }: ExposureFacts): ExposureProfile {
  return { ingress: {}, service: affinity === "needed" ? { "haproxy.org/cookie-persistence": cookieName } : {} };
}
