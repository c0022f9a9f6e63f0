import type { ExposureFacts, ExposureProfile } from "./profile.ts";

/**
 * Contour upgrades only listed routes. A plain Ingress cannot pin a client to one pod, so the schema refuses polling.
 * Its circuit breaker allows 1024 connections per Envoy by default.
 * Source: Contour 1.33, annotations reference.
 */
export function contour(_facts: ExposureFacts): ExposureProfile {
  return {
    needsClassObject: false,
    ingress: { "projectcontour.io/websocket-routes": "/socket.io/", "projectcontour.io/response-timeout": "infinity" },
    service: {
      "projectcontour.io/max-connections": "100000",
      "projectcontour.io/max-pending-requests": "100000",
      "projectcontour.io/max-requests": "100000",
    },
  };
}
