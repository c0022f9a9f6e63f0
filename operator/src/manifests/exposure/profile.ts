import type { RealtimeCluster } from "../../api/realtime-cluster.ts";
import { namesOf } from "../shared/names.ts";

/** The annotations that one ingress controller needs, grouped by the object from which it reads them. */
export interface ExposureProfile {
  ingress: Record<string, string>;
  service: Record<string, string>;
  /**
   * Where the class is written: in spec.ingressClassName (default) or in the annotations. The API server refuses both
   * at once.
   */
  classIn?: "annotations";
  /**
   * False when the controller compares the class with a setting of its own and reads no IngressClass. Default: true.
   */
  needsClassObject?: false;
  /** Networks outside Kubernetes from which the load balancer probes the private port. */
  probesFrom?: readonly string[];
  /**
   * The load balancer's public addresses, which are trusted in addition to private networks. Entries as in
   * spec.trustedProxies.
   */
  trustedProxies?: readonly string[];
  /** What users must set themselves, because no annotation can do it. A condition shows this text. */
  advice?: string;
}

/** The values on which annotations depend. */
export interface ExposureFacts {
  serviceName: string;
  cookieName: string;
  /** Polling needs a proxy that sends all requests of a client to one pod. WebSocket alone does not. */
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
 * Idle timeout of a WebSocket, in seconds. Gateways send a ping every 25 s, so any longer timeout works. One hour is
 * common.
 */
export const TUNNEL_SECONDS = 3600;
