import { TUNNEL_SECONDS, type ExposureFacts, type ExposureProfile } from "./profile.ts";

/**
 * ingress-nginx was retired in March 2026 and is still widely installed. Its default affinity mode moves sessions when
 * pods are added; `persistent` does not.
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
      // A page of another site sends the cookie only with SameSite=None, which browsers accept only over TLS.
      ...(affinity === "needed" && scheme === "https"
        ? { [`${at}/session-cookie-samesite`]: "None", [`${at}/session-cookie-secure`]: "true" }
        : {}),
    },
    advice: "ingress-nginx is retired and gets no security fixes: plan to move to another controller",
  };
}
