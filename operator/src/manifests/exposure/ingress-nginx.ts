import { TUNNEL_SECONDS, type ExposureFacts, type ExposureProfile } from "./profile.ts";

/**
 * ingress-nginx was retired in March 2026 and is still widely installed. By default, it moves some sessions to other
 * pods when pods are added. The affinity mode `persistent` does not.
 * Source: ingress-nginx 1.15, user guide, annotations.
 */
export function ingressNginx({ affinity, cookieName, scheme }: ExposureFacts): ExposureProfile {
  const at = "nginx.ingress.kubernetes.io";
  return {
    service: {},
    ingress: {
      [`${at}/proxy-read-timeout`]: String(TUNNEL_SECONDS),
      [`${at}/proxy-send-timeout`]: String(TUNNEL_SECONDS),
      ...(affinity === "needed"
        ? {
            [`${at}/affinity`]: "cookie",
            [`${at}/affinity-mode`]: "persistent",
            [`${at}/session-cookie-name`]: cookieName,
            [`${at}/session-cookie-path`]: "/",
          }
        : {}),
      // A browser sends the cookie from pages of another site only if it has SameSite=None. Browsers accept
      // SameSite=None only over TLS.
      ...(affinity === "needed" && scheme === "https"
        ? { [`${at}/session-cookie-samesite`]: "None", [`${at}/session-cookie-secure`]: "true" }
        : {}),
    },
    advice: "ingress-nginx is retired and gets no security fixes: plan to move to another controller",
  };
}
