import type { RealtimeCluster } from "../api/realtime-cluster.ts";
import { authSecret } from "../manifests/auth-secret.ts";
import type { Manifest } from "../manifests/shared/child.ts";
import { dashboardConfigMap } from "../manifests/monitoring/dashboard-config-map.ts";
import type { Inputs } from "../manifests/shared/inputs.ts";
import { prometheusRule } from "../manifests/monitoring/prometheus-rule.ts";
import { redisConfigMap } from "../manifests/redis/redis-config-map.ts";
import { redisNetworkPolicy } from "../manifests/redis/redis-network-policy.ts";
import { redisNodesService } from "../manifests/redis/redis-nodes-service.ts";
import { redisPodDisruptionBudget } from "../manifests/redis/redis-pod-disruption-budget.ts";
import { redisService } from "../manifests/redis/redis-service.ts";
import { redisStatefulSet } from "../manifests/redis/redis-stateful-set.ts";
import { serverConfigMap } from "../manifests/server-config-map.ts";
import { serverDeployment } from "../manifests/server-deployment.ts";
import { serverHorizontalPodAutoscaler } from "../manifests/server-horizontal-pod-autoscaler.ts";
import { serverHttpRoute } from "../manifests/exposure/server-http-route.ts";
import { serverIngress } from "../manifests/exposure/server-ingress.ts";
import { serverNetworkPolicy } from "../manifests/server-network-policy.ts";
import { serverPodDisruptionBudget } from "../manifests/server-pod-disruption-budget.ts";
import { serverScaledObject } from "../manifests/server-scaled-object.ts";
import { serverServiceAccount } from "../manifests/server-service-account.ts";
import { serverService } from "../manifests/server-service.ts";
import { metricsService } from "../manifests/monitoring/metrics-service.ts";
import { serviceMonitor } from "../manifests/monitoring/service-monitor.ts";

/** All objects that a cluster should have, in the order in which the operator applies them. */
export function desired(cluster: RealtimeCluster, inputs: Inputs): Manifest[] {
  return [
    authSecret(cluster, inputs), // both kinds of pods wait for it
    redisConfigMap(cluster, inputs),
    redisNetworkPolicy(cluster), // exists before the pods that it protects
    redisNodesService(cluster), // a StatefulSet needs its Service first
    redisService(cluster), // gateways wait until this name exists
    redisPodDisruptionBudget(cluster),
    redisStatefulSet(cluster, inputs),
    serverServiceAccount(cluster), // without it, pods are refused
    serverConfigMap(cluster, inputs), // pods mount it, so it comes before them
    serverNetworkPolicy(cluster, inputs), // exists before the pods that it protects
    serverService(cluster),
    serverPodDisruptionBudget(cluster), // exists before there are pods to evict
    serverDeployment(cluster, inputs),
    serverHorizontalPodAutoscaler(cluster), // comes after the Deployment that it scales
    serverScaledObject(cluster),
    serverIngress(cluster), // comes after the gateways, so that no traffic comes before them
    serverHttpRoute(cluster, inputs),
    metricsService(cluster), // exists before the ServiceMonitor that selects it
    serviceMonitor(cluster),
    prometheusRule(cluster),
    dashboardConfigMap(cluster),
  ].filter((manifest) => manifest !== undefined);
}
