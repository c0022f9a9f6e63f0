import { TUNNEL_SECONDS, type ExposureFacts, type ExposureProfile } from "./profile.ts";

/**
 * AWS Load Balancer Controller. It closes a leaving pod's connections after 300 s by default: wait for the drain
 * instead (at most 3600 s). Probes use the public port, whose 404 means it serves: the private port stays closed.
 * Source: AWS Load Balancer Controller, guide, Ingress annotations.
 */
export function alb({ affinity, drainSeconds }: ExposureFacts): ExposureProfile {
  const at = "alb.ingress.kubernetes.io";
  const sticky = [
    "stickiness.enabled=true",
    "stickiness.type=lb_cookie",
    "stickiness.lb_cookie.duration_seconds=86400",
  ];
  const target = [
    `deregistration_delay.timeout_seconds=${Math.min(3600, drainSeconds)}`,
    ...(affinity === "needed" ? sticky : []),
  ];
  return {
    service: {},
    ingress: {
      [`${at}/target-type`]: "ip",
      [`${at}/healthcheck-path`]: "/",
      [`${at}/success-codes`]: "404",
      [`${at}/load-balancer-attributes`]: `idle_timeout.timeout_seconds=${TUNNEL_SECONDS}`,
      [`${at}/target-group-attributes`]: target.join(","),
    },
  };
}
