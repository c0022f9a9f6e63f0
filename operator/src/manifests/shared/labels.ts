import type { RealtimeCluster } from "../../api/realtime-cluster.ts";

export type Component = "server" | "redis";

/**
 * All watches of this operator select objects by this label. So objects of other programs need neither memory nor
 * requests.
 */
export const managedBy = { "app.kubernetes.io/managed-by": "realtime-operator" } as const;

const applications = { server: "realtime-gateway", redis: "realtime-redis" } as const;

/**
 * The labels by which selectors find objects. Never change them, because selectors of Deployments and StatefulSets are
 * immutable. No other program uses our `app.kubernetes.io/name`. Without this label, the selector could match pods of a
 * Helm release that has the cluster's name.
 */
export function selectorOf(cluster: Pick<RealtimeCluster, "metadata">, component: Component): Record<string, string> {
  return {
    "app.kubernetes.io/name": applications[component],
    "app.kubernetes.io/instance": cluster.metadata.name,
    "app.kubernetes.io/component": component,
  };
}

/**
 * The labels of an object. The labels of the cluster's own metadata are not copied: one of them may be the tracking
 * label of a GitOps tool. The tool would then regard the child as its own object and delete it.
 */
export function labelsOf(cluster: Pick<RealtimeCluster, "metadata">, component: Component): Record<string, string> {
  return {
    ...managedBy,
    ...selectorOf(cluster, component),
    "app.kubernetes.io/part-of": "realtime",
  };
}

/** A selector in the format of status.selector: "a=b,c=d", sorted. */
export function selectorText(selector: Readonly<Record<string, string>>): string {
  return Object.keys(selector)
    .sort()
    .map((key) => `${key}=${selector[key] ?? ""}`)
    .join(",");
}
