import type { ExposureFacts, ExposureProfile } from "./profile.ts";

/**
 * Contour allows WebSockets only on the routes that an annotation lists. For an Ingress, it has no session affinity, so
 * the schema refuses polling. By default, its circuit breaker allows only 1024 connections per Envoy.
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
