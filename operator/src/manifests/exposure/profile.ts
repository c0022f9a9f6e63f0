import type { RealtimeCluster } from "../../api/realtime-cluster.ts";
import { namesOf } from "../shared/names.ts";

/** What one ingress controller must be told, and on which object it reads it. */
export interface ExposureProfile {
  ingress: Record<string, string>;
  service: Record<string, string>;
  /**
   * Whether the class goes into spec.ingressClassName (default) or is among the annotations: both at once are refused.
   */
  classIn?: "annotations";
  /** Networks outside of the cluster from which the load balancer probes the private port. */
  probesFrom?: readonly string[];
  /** What a person has to set elsewhere, because no annotation can: goes into a condition. */
  advice?: string;
}

/** What annotations depend on. */
export interface ExposureFacts {
  serviceName: string;
  cookieName: string;
  /** Long-polling requests of one client must reach one pod; WebSocket-only clients need nothing of the kind. */
  affinity: "needed" | "not needed";
  scheme: "http" | "https";
  className: string | undefined;
  drainSeconds: number;
}

export function exposureFacts(cluster: RealtimeCluster): ExposureFacts {
  const { exposure, transports, drain } = cluster.spec;
  return {
    serviceName: namesOf(cluster).server,
    cookieName: "realtime",
    affinity: transports.includes("polling") ? "needed" : "not needed",
    scheme: exposure.tls === undefined ? "http" : "https",
    className: exposure.ingress?.className,
    drainSeconds: drain.timeoutSeconds,
  };
}

/**
 * Seconds an idle WebSocket must live: the gateway pings every 25 s, so any proxy that waits longer is fine; an hour is
 * usual.
 */
export const tunnelSeconds = 3600;
