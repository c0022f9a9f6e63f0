import { TUNNEL_SECONDS, type ExposureFacts, type ExposureProfile } from "./profile.ts";

/**
 * AWS Load Balancer Controller. By default it closes the connections of a leaving pod after 300 s; here it waits for
 * the drain, at most 3600 s. Its health check uses the public port, where a 404 means that the gateway serves, so the
 * private port stays closed.
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
