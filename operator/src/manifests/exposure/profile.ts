import type { RealtimeCluster } from "../../api/realtime-cluster.ts";

/** What one ingress controller must be told, and on which object it reads it. */
export interface ExposureProfile {
  ingress: Record<string, string>;
  service: Record<string, string>;
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
}

export function exposureFacts(cluster: RealtimeCluster): ExposureFacts {
  return {
    serviceName: `${cluster.metadata.name}-server`,
    cookieName: "realtime",
    affinity: cluster.spec.transports.includes("polling") ? "needed" : "not needed",
    scheme: cluster.spec.exposure.tls === undefined ? "http" : "https",
  };
}

/** Seconds an idle WebSocket must live: the gateway pings every 25 s, so any proxy that waits longer is fine; an hour is usual. */
export const tunnelSeconds = 3600;
