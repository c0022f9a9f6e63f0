import type { RealtimeCluster } from "../../api/realtime-cluster.ts";
import { namesOf } from "../shared/names.ts";

/**
 * The annotations that one ingress controller needs, grouped by the object from which the controller reads them: the
 * Ingress or the Service.
 */
export interface ExposureProfile {
  ingress: Record<string, string>;
  service: Record<string, string>;
  /**
   * Where the manifest names the ingress class: in spec.ingressClassName (default) or in an annotation. The API server
   * refuses an Ingress with both.
   */
  classIn?: "annotations";
  /**
   * False when the controller compares the class name with its own setting, so that no IngressClass object is needed.
   * Default: true.
   */
  needsClassObject?: false;
  /** Networks outside Kubernetes from which the load balancer probes the private port. */
  probesFrom?: readonly string[];
  /**
   * The load balancer's public networks. The gateways trust them as proxies, in addition to private networks. An entry
   * is a network or a word, as in spec.trustedProxies.
   */
  trustedProxies?: readonly string[];
  /** Settings that users must make themselves, because no annotation can make them. A condition shows this text. */
  advice?: string;
}

/** What the annotations of a profile depend on. */
export interface ExposureFacts {
  serviceName: string;
  cookieName: string;
  /**
   * Polling needs a proxy that sends all requests of a client to one pod. A WebSocket is only one request, so it needs
   * no such proxy.
   */
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
 * Idle timeout of a WebSocket, in seconds. Gateways send a ping every 25 s, so any longer timeout works. One hour is a
 * common value.
 */
export const TUNNEL_SECONDS = 3600;
