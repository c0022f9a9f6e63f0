import { namespaces } from "./protocol/namespaces.ts";

/**
 * Ports, paths and names that the operator and the chart rely on. environment.ts has the names of environment
 * variables.
 */
export const contract = {
  ports: { public: 3000, private: 9090 },
  socketPath: "/socket.io/",
  namespaces,
  /** Header for the admin token where a proxy uses the Authorization header itself. */
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
  /** The pod's grace period must exceed DRAIN_TIMEOUT_SECONDS by this many seconds. */
  graceMarginSeconds: 30,
} as const;
