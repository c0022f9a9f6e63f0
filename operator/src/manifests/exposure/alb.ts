import { tunnelSeconds, type ExposureFacts, type ExposureProfile } from "./profile.ts";

/**
 * AWS Load Balancer Controller. Targets are pods, so a cookie means a pod. An idle connection lives 60 s by default.
 * Source: AWS Load Balancer Controller, guide, Ingress annotations.
 */
export function alb({ affinity }: ExposureFacts): ExposureProfile {
  const at = "alb.ingress.kubernetes.io";
  const sticky = `stickiness.enabled=true,stickiness.type=lb_cookie,stickiness.lb_cookie.duration_seconds=86400`;
  return {
    service: {},
    ingress: {
      [`${at}/target-type`]: "ip",
      [`${at}/healthcheck-port`]: "9090",
      [`${at}/healthcheck-path`]: "/readyz",
      [`${at}/load-balancer-attributes`]: `idle_timeout.timeout_seconds=${tunnelSeconds}`,
      ...(affinity === "needed" ? { [`${at}/target-group-attributes`]: sticky } : {}),
    },
  };
}
