import { TUNNEL_SECONDS, type ExposureFacts, type ExposureProfile } from "./profile.ts";

/**
 * haproxy-ingress (jcmoraisjr). The cookie's value is the pod's uid and not the name of HAProxy's server slot, because
 * HAProxy may assign a pod to another slot.
 * Source: haproxy-ingress 0.16, docs/content/en/docs/configuration/keys.md, "Affinity" and "Timeout".
 */
export function haproxyIngress({ affinity, cookieName, scheme }: ExposureFacts): ExposureProfile {
  const at = "haproxy-ingress.github.io";
  return {
    service: {},
    ingress: {
      [`${at}/timeout-tunnel`]: `${TUNNEL_SECONDS}s`,
      ...(affinity === "needed"
        ? {
            [`${at}/affinity`]: "cookie",
            [`${at}/session-cookie-name`]: cookieName,
            [`${at}/session-cookie-value-strategy`]: "pod-uid",
            [`${at}/session-cookie-preserve`]: "true",
          }
        : {}),
      ...(affinity === "needed" && scheme === "https" ? { [`${at}/session-cookie-same-site`]: "true" } : {}),
    },
  };
}
