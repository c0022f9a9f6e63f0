/**
 * The kinds that this operator creates, in no order. Each has the shape of `Resource` in kube/resource.ts. This folder
 * must not import that file.
 */
export const resources = {
  secrets: core("secrets", "Secret"),
  configMaps: core("configmaps", "ConfigMap"),
  services: core("services", "Service"),
  serviceAccounts: core("serviceaccounts", "ServiceAccount"),
  pods: core("pods", "Pod"),
  persistentVolumeClaims: core("persistentvolumeclaims", "PersistentVolumeClaim"),
  events: { group: "events.k8s.io", version: "v1", plural: "events", kind: "Event", namespaced: true },
  deployments: { group: "apps", version: "v1", plural: "deployments", kind: "Deployment", namespaced: true },
  statefulSets: { group: "apps", version: "v1", plural: "statefulsets", kind: "StatefulSet", namespaced: true },
  podDisruptionBudgets: {
    group: "policy",
    version: "v1",
    plural: "poddisruptionbudgets",
    kind: "PodDisruptionBudget",
    namespaced: true,
  },
  networkPolicies: {
    group: "networking.k8s.io",
    version: "v1",
    plural: "networkpolicies",
    kind: "NetworkPolicy",
    namespaced: true,
  },
  ingresses: { group: "networking.k8s.io", version: "v1", plural: "ingresses", kind: "Ingress", namespaced: true },
  httpRoutes: {
    group: "gateway.networking.k8s.io",
    version: "v1",
    plural: "httproutes",
    kind: "HTTPRoute",
    namespaced: true,
  },
  horizontalPodAutoscalers: {
    group: "autoscaling",
    version: "v2",
    plural: "horizontalpodautoscalers",
    kind: "HorizontalPodAutoscaler",
    namespaced: true,
  },
  scaledObjects: {
    group: "keda.sh",
    version: "v1alpha1",
    plural: "scaledobjects",
    kind: "ScaledObject",
    namespaced: true,
  },
  serviceMonitors: {
    group: "monitoring.coreos.com",
    version: "v1",
    plural: "servicemonitors",
    kind: "ServiceMonitor",
    namespaced: true,
  },
  prometheusRules: {
    group: "monitoring.coreos.com",
    version: "v1",
    plural: "prometheusrules",
    kind: "PrometheusRule",
    namespaced: true,
  },
} as const;

/** IngressClasses. The operator creates none and only reads them. */
export const ingressClasses = {
  group: "networking.k8s.io",
  version: "v1",
  plural: "ingressclasses",
  kind: "IngressClass",
  namespaced: false,
} as const;

export type ResourceName = keyof typeof resources;
export type ChildResource = (typeof resources)[ResourceName];

/** Kinds that a Kubernetes cluster may not have. The operator creates their objects when discovery finds the kind. */
export const optionalResources: readonly ChildResource[] = [
  resources.httpRoutes,
  resources.scaledObjects,
  resources.serviceMonitors,
  resources.prometheusRules,
];

/**
 * Finds the resource for an object's apiVersion and kind. Throws when the operator does not create this kind, because
 * only a bug can cause this.
 */
export function resourceOf(object: { apiVersion: string; kind: string }): ChildResource {
  const found = Object.values(resources).find(
    (resource) => apiVersionOf(resource) === object.apiVersion && resource.kind === object.kind,
  );
  if (found === undefined) throw new Error(`${object.apiVersion} ${object.kind} is not in api/resources.ts`);
  return found;
}

export function apiVersionOf(resource: { group: string; version: string }): string {
  return resource.group === "" ? resource.version : `${resource.group}/${resource.version}`;
}

function core<P extends string, K extends string>(plural: P, kind: K) {
  return { group: "", version: "v1", plural, kind, namespaced: true } as const;
}
