import { TUNNEL_SECONDS, type ExposureFacts, type ExposureProfile } from "./profile.ts";

/**
 * F5's NGINX Ingress Controller allows WebSockets only to the Services that an annotation lists. Cookies for session
 * affinity need release 5.4 or later with open-source NGINX.
 * Source: nginx/kubernetes-ingress 5.5, advanced configuration with annotations; its session-persistence example.
 */
export function f5Nginx({ affinity, cookieName, serviceName }: ExposureFacts): ExposureProfile {
  return {
    service: {},
    ingress: {
      "nginx.org/websocket-services": serviceName,
      "nginx.org/proxy-read-timeout": `${TUNNEL_SECONDS}s`,
      "nginx.org/proxy-send-timeout": `${TUNNEL_SECONDS}s`,
      ...(affinity === "needed"
        ? { "nginx.org/sticky-cookie-services": `serviceName=${serviceName} ${cookieName} path=/` }
        : {}),
    },
  };
}
