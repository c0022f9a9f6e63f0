import { namespaces } from "./protocol/namespaces.ts";

/**
 * What the operator and the chart count on: ports, paths and names of the gateway. Environment names are in
 * environment.ts.
 */
export const contract = {
  ports: { public: 3000, private: 9090 },
  socketPath: "/socket.io/",
  namespaces,
  /** Carries the admin token where a proxy keeps Authorization for itself. */
  adminTokenHeader: "x-realtime-token",
  paths: {
    live: "/livez",
    ready: "/readyz",
    metrics: "/metrics",
    config: "/config",
    drain: "/drain",
    shed: "/shed",
    publish: "/api/publish",
    disconnect: "/api/disconnect",
    revoke: "/api/revoke",
    presence: "/api/presence",
    health: "/api/websocket/health",
    monitor: "/api/websocket/metrics",
    cleanup: "/api/websocket/cleanup",
  },
  /** The pod's grace period must exceed DRAIN_TIMEOUT_SECONDS by this. */
  graceMarginSeconds: 30,
} as const;
