import { createHash } from "node:crypto";
import type { RealtimeCluster, Spec } from "../../api/realtime-cluster.ts";
import { knowsRecovery } from "./pod-release.ts";
import { stableJson } from "./stable-hash.ts";

/**
 * What a running gateway applies without a restart. It is the body of PUT /config and the content of LIVE_CONFIG_FILE.
 */
export interface LiveConfig {
  generation: number;
  limits: Spec["limits"];
  origins: string[];
  rooms: "claims" | "open";
  drain: { connectionsPerSecond: number };
  /** Absent for gateways that do not know it. */
  recovery?: { windowSeconds: number; presenceGraceSeconds: number };
}

/**
 * The live part of a spec, for gateways of this template version. The exposed host is always an allowed origin, because
 * React Native sends it.
 */
export function liveConfig(cluster: Pick<RealtimeCluster, "spec">, generation: number, template: number): LiveConfig {
  const { limits, origins, auth, drain, recovery } = cluster.spec;
  const { windowSeconds, presenceGraceSeconds } = recovery;
  return {
    generation,
    limits,
    origins: origins.includes("*") ? origins : [...new Set([...origins, ...exposedOrigin(cluster)])],
    rooms: auth.rooms === "Open" ? "open" : "claims",
    drain: { connectionsPerSecond: drain.connectionsPerSecond },
    ...(knowsRecovery("gateway", template) ? { recovery: { windowSeconds, presenceGraceSeconds } } : {}),
  };
}

/**
 * The exposed host as an origin. Where a Gateway or a cloud load balancer may terminate TLS, we cannot know the scheme,
 * so both http and https are allowed.
 */
function exposedOrigin(cluster: Pick<RealtimeCluster, "spec">): string[] {
  const { type, host = "", tls } = cluster.spec.exposure;
  if (type === "None") return [];
  return tls === undefined ? [`https://${host}`, `http://${host}`] : [`https://${host}`];
}

/** The `hash` with which a gateway confirms this configuration: SHA-256 in hex of its JSON with sorted keys. */
export function liveConfigHash({ generation, limits, origins, rooms, drain, recovery }: LiveConfig): string {
  const content = { generation, limits, origins, rooms, drain, ...(recovery === undefined ? {} : { recovery }) };
  return createHash("sha256").update(stableJson(content)).digest("hex");
}
