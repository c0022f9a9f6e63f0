import { TUNNEL_SECONDS, type ExposureFacts, type ExposureProfile } from "./profile.ts";

/**
 * AWS Load Balancer Controller. By default, it closes the connections of a terminating pod after 300 s. With our
 * annotation, it waits as long as a drain may take, but AWS allows at most 3600 s. Its health check requests "/" on the
 * public port, where a healthy gateway answers 404. So it needs no access to the private port.
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
