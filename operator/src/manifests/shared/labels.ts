import type { RealtimeCluster } from "../../api/realtime-cluster.ts";

export type Component = "server" | "redis";

/** Every watch of this operator selects by it: objects without it cost neither memory nor requests. */
export const managedBy = { "app.kubernetes.io/managed-by": "realtime-operator" } as const;

const applications = { server: "realtime-gateway", redis: "realtime-redis" } as const;

/**
 * What selectors match. A Deployment's and a StatefulSet's selector is immutable: never change these. The application's
 * name is one that no other chart has: {instance: chat, component: redis} alone would match pods of a Helm release
 * called chat.
 */
export function selectorOf(cluster: Pick<RealtimeCluster, "metadata">, component: Component): Record<string, string> {
  return {
    "app.kubernetes.io/name": applications[component],
    "app.kubernetes.io/instance": cluster.metadata.name,
    "app.kubernetes.io/component": component,
  };
}

/**
 * Labels of an object. The cluster's own labels are not copied: tracking labels of GitOps tools on a child would make
 * the tool think the child is its own, and prune it.
 */
export function labelsOf(cluster: Pick<RealtimeCluster, "metadata">, component: Component): Record<string, string> {
  return {
    ...managedBy,
    ...selectorOf(cluster, component),
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
