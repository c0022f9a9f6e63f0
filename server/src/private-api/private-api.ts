import type { Server as HttpServer } from "node:http";
import type { GatewayDeps, Publish } from "../deps.ts";
import type { Cordon } from "../drain/cordon.ts";
import type { Drain } from "../drain/drain.ts";
import { largeGarbage } from "../edge/large-garbage.ts";
import { adminRoutes, type AdminDeps } from "./admin-routes.ts";
import { privateListener } from "./private-listener.ts";
import { probeRoutes, type ProbeDeps } from "./probe-routes.ts";
import { publishRoute } from "./publish-route.ts";
import { shedRoute, type ShedDeps } from "./shed-route.ts";

export interface PrivateParts {
  gateway: AdminDeps["gateway"] &
    ProbeDeps["gateway"] &
    ShedDeps["gateway"] & { http: { readonly listening: boolean }; publish: Publish };
  drain: Drain;
  cordon: Cordon;
  sweep: () => Promise<{ corrected: number }>;
  uptimeSeconds: () => number;
  /** A signal that aborts when the gateway stops. */
  signal: AbortSignal;
}

/**
 * Maximum size of a request body without its message. The message can take twice the maximum message size, because JSON
 * escapes make it longer.
 */
const API_BODY_BYTES = 65_536;

/**
 * The HTTP server of the private port: probes, metrics, and the requests of the operator and of back ends. It does not
 * listen yet.
 */
export function privateApi(deps: GatewayDeps, parts: PrivateParts): HttpServer {
  const { config, live } = deps;
  const { gateway, drain } = parts;
  const both = { ...deps, ...parts, drainTimeoutMs: config.drainTimeoutSeconds * 1_000 };
  return privateListener({
    ...deps,
    routes: [
      ...probeRoutes({ ...both, drain: () => drain.state(), isListening: () => gateway.http.listening }),
      ...adminRoutes(both),
      shedRoute(both),
      publishRoute({ ...deps, publish: gateway.publish }),
    ],
    tokens: { admin: config.adminToken, publish: config.publishToken },
    maxBodyBytes: () => 2 * live.limits.maxMessageBytes + API_BODY_BYTES,
    onReceived: largeGarbage(globalThis.gc),
  });
}
