import type { ExposureFacts, ExposureProfile } from "./profile.ts";

/**
 * Traefik reads the settings of session affinity from the Service. WebSockets need no timeout, because Traefik does not
 * close upgraded connections.
 * Source: Traefik 3.7, routing configuration, Kubernetes Ingress, "On Service".
 */
export function traefik({ affinity, cookieName, scheme }: ExposureFacts): ExposureProfile {
  if (affinity === "not needed") return { ingress: {}, service: {} };
  const cookie = "traefik.ingress.kubernetes.io/service.sticky.cookie";
  return {
    ingress: {},
    service: {
      [cookie]: "true",
      [`${cookie}.name`]: cookieName,
      [`${cookie}.httponly`]: "true",
      // A browser sends the cookie from pages of another site only if it has SameSite=None. Browsers accept
      // SameSite=None only over TLS.
      [`${cookie}.samesite`]: scheme === "https" ? "none" : "lax",
      [`${cookie}.secure`]: scheme === "https" ? "true" : "false",
    },
  };
}
