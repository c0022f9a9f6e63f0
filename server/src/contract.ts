import { namespaces } from "./protocol/namespaces.ts";

/**
 * Ports, paths and names on which the operator and the chart depend. The names of environment variables are in
 * environment.ts.
 */
export const contract = {
  ports: { public: 3000, private: 9090 },
  socketPath: "/socket.io/",
  namespaces,
  /** The header for the admin token, for requests through a proxy that uses the Authorization header itself. */
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
  /** The grace period of a gateway's pod must be longer than DRAIN_TIMEOUT_SECONDS by this many seconds. */
  graceMarginSeconds: 30,
} as const;
