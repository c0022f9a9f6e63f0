import { createHash } from "node:crypto";
import type { RealtimeCluster, Spec } from "../../api/realtime-cluster.ts";
import { handlerEntries, type HandlerEntry } from "../handler-entries.ts";
import { knowsHandlers, knowsMaxConnectionAge, knowsRecovery } from "./pod-release.ts";
import { stableJson } from "./stable-hash.ts";

/**
 * The configuration that a running gateway applies without a restart. It is the body of PUT /config, and the content of
 * the file that LIVE_CONFIG_FILE names.
 */
export interface LiveConfig {
  generation: number;
  limits: Spec["limits"];
  origins: string[];
  rooms: "claims" | "open";
  drain: { connectionsPerSecond: number };
  /**
   * Absent for gateways of a release without this field, because they refuse unknown fields. 0: connections of any age
   * stay.
   */
  maxConnectionAgeSeconds?: number;
  /** Absent for gateways of a release without recovery, because they refuse unknown fields. */
  recovery?: { windowSeconds: number; presenceGraceSeconds: number };
  /**
   * Absent for gateways of a release without handlers, because they refuse unknown fields. An empty list removes all
   * handlers.
   */
  handlers?: HandlerEntry[];
}

type Cluster = Pick<RealtimeCluster, "metadata" | "spec">;

/**
 * The live part of a spec, for gateways of this template version. The exposed host is always an allowed origin, because
 * React Native sends it as the origin.
 */
export function liveConfig(cluster: Cluster, generation: number, template: number): LiveConfig {
  const { limits, origins, auth, drain, maxConnectionAgeSeconds, recovery } = cluster.spec;
  const { windowSeconds, presenceGraceSeconds } = recovery;
  return {
    generation,
    limits,
    origins: origins.includes("*") ? origins : [...new Set([...origins, ...exposedOrigin(cluster)])],
    rooms: auth.rooms === "Open" ? "open" : "claims",
    drain: { connectionsPerSecond: drain.connectionsPerSecond },
    ...(knowsMaxConnectionAge(template) ? { maxConnectionAgeSeconds } : {}),
    ...(knowsRecovery("gateway", template) ? { recovery: { windowSeconds, presenceGraceSeconds } } : {}),
    ...(knowsHandlers(template) ? { handlers: handlerEntries(cluster) } : {}),
  };
}

/**
 * The exposed host as an allowed origin. A Gateway or a cloud load balancer may terminate TLS, and the spec does not
 * show this. So without spec.exposure.tls, both http and https are allowed.
 */
function exposedOrigin(cluster: Cluster): string[] {
  const { type, host = "", tls } = cluster.spec.exposure;
  if (type === "None") return [];
  return tls === undefined ? [`https://${host}`, `http://${host}`] : [`https://${host}`];
}

/**
 * The hash by which a gateway confirms that it has this configuration. It is the SHA-256 of the configuration's JSON
 * with sorted keys, in hex.
 */
export function liveConfigHash({ generation, limits, origins, rooms, drain, ...optional }: LiveConfig): string {
  const { maxConnectionAgeSeconds, recovery, handlers } = optional;
  const known = {
    ...(maxConnectionAgeSeconds === undefined ? {} : { maxConnectionAgeSeconds }),
    ...(recovery === undefined ? {} : { recovery }),
    ...(handlers === undefined ? {} : { handlers }),
  };
  const content = { generation, limits, origins, rooms, drain, ...known };
  return createHash("sha256").update(stableJson(content)).digest("hex");
}
