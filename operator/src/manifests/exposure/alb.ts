import { tunnelSeconds, type ExposureFacts, type ExposureProfile } from "./profile.ts";

/**
 * AWS Load Balancer Controller. Targets are pods, so a cookie means a pod. An idle connection lives 60 s by default, and those of
 * a pod that leaves are cut after 300 s, all at once: that has to wait for the drain (3600 s is its maximum). Probes take the
 * public port, whose 404 outside of /socket.io/ says that it serves, so that the private one need not be open to the VPC.
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
      [`${at}/load-balancer-attributes`]: `idle_timeout.timeout_seconds=${tunnelSeconds}`,
      [`${at}/target-group-attributes`]: target.join(","),
    },
  };
}
