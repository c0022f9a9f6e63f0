import type { RealtimeCluster } from "../api/realtime-cluster.ts";

export type Component = "server" | "redis";

/** Every watch of this operator selects by it: objects without it cost neither memory nor requests. */
export const managedBy = { "app.kubernetes.io/managed-by": "realtime-operator" } as const;

/** Which cluster an object belongs to. */
export const clusterLabel = "realtime.dev/cluster";

/** What selectors match. A Deployment's and a StatefulSet's selector is immutable: never change these. */
export function selectorOf(cluster: Pick<RealtimeCluster, "metadata">, component: Component): Record<string, string> {
  return { [clusterLabel]: cluster.metadata.name, "app.kubernetes.io/component": component };
}

/**
 * Labels of an object. The cluster's own labels are not copied: tracking labels of GitOps tools on a child would make the tool
 * think the child is its own, and prune it.
 */
export function labelsOf(cluster: Pick<RealtimeCluster, "metadata">, component: Component): Record<string, string> {
  return {
    ...managedBy,
    ...selectorOf(cluster, component),
    "app.kubernetes.io/name": component === "server" ? "realtime-gateway" : "redis",
    "app.kubernetes.io/instance": cluster.metadata.name,
    "app.kubernetes.io/part-of": "realtime",
  };
}

/** "a=b,c=d", sorted: the form in which status.selector wants it. */
export function selectorText(selector: Readonly<Record<string, string>>): string {
  return Object.keys(selector)
    .sort()
    .map((key) => `${key}=${selector[key] ?? ""}`)
    .join(",");
}
