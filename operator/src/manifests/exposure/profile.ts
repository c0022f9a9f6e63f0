import type { RealtimeCluster } from "../../api/realtime-cluster.ts";
import { namesOf } from "../shared/names.ts";

/** The annotations one ingress controller needs, by the object it reads them from. */
export interface ExposureProfile {
  ingress: Record<string, string>;
  service: Record<string, string>;
  /** Where the class goes: spec.ingressClassName (default) or the annotations. Both at once are refused. */
  classIn?: "annotations";
  /** False: the controller compares the class with its own setting and reads no IngressClass. Default: true. */
  needsClassObject?: false;
  /** Networks outside Kubernetes from which the load balancer probes the private port. */
  probesFrom?: readonly string[];
  /** Trusted besides private networks: the load balancer has public addresses. Entries as in spec.trustedProxies. */
  trustedProxies?: readonly string[];
  /** What users must set themselves, because no annotation can. It goes into a condition. */
  advice?: string;
}

/** The values that annotations depend on. */
export interface ExposureFacts {
  serviceName: string;
  cookieName: string;
  /** Long-polling needs all requests of a client on one pod; WebSocket-only clients do not. */
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
 * Idle timeout of a WebSocket in seconds. The gateway pings every 25 s, so any longer timeout works; an hour is usual.
 */
export const TUNNEL_SECONDS = 3600;
