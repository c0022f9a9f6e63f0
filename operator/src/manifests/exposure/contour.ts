import type { ExposureFacts, ExposureProfile } from "./profile.ts";

/**
 * Contour upgrades only routes that are listed, and cannot keep a client of a plain Ingress on one pod: the schema
 * refuses polling. Its circuit breaker allows 1024 connections per Envoy by default. Source: Contour 1.33, annotations
 * reference.
 */
export function contour(_facts: ExposureFacts): ExposureProfile {
  return {
    ingress: { "projectcontour.io/websocket-routes": "/socket.io/", "projectcontour.io/response-timeout": "infinity" },
    service: {
      "projectcontour.io/max-connections": "100000",
      "projectcontour.io/max-pending-requests": "100000",
      "projectcontour.io/max-requests": "100000",
    },
  };
}
