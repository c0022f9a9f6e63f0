import type { RealtimeCluster } from "../../api/realtime-cluster.ts";

export type Component = "server" | "redis";

/** All watches of this operator select by this label: other objects cost neither memory nor requests. */
export const managedBy = { "app.kubernetes.io/managed-by": "realtime-operator" } as const;

const applications = { server: "realtime-gateway", redis: "realtime-redis" } as const;

/**
 * The labels that selectors match. Selectors of Deployments and StatefulSets are immutable: never change these. The
 * name is ours alone: {instance: chat, component: redis} would match pods of a Helm release called chat.
 */
export function selectorOf(cluster: Pick<RealtimeCluster, "metadata">, component: Component): Record<string, string> {
  return {
    "app.kubernetes.io/name": applications[component],
    "app.kubernetes.io/instance": cluster.metadata.name,
    "app.kubernetes.io/component": component,
  };
}

/**
 * Labels of an object. The cluster's own labels are not copied: with a GitOps tool's tracking label, the tool would
 * treat the child as its own and prune it.
 */
export function labelsOf(cluster: Pick<RealtimeCluster, "metadata">, component: Component): Record<string, string> {
  return {
    ...managedBy,
    ...selectorOf(cluster, component),
    "app.kubernetes.io/part-of": "realtime",
  };
}

/** "a=b,c=d", sorted: the format of status.selector. */
export function selectorText(selector: Readonly<Record<string, string>>): string {
  return Object.keys(selector)
    .sort()
    .map((key) => `${key}=${selector[key] ?? ""}`)
    .join(",");
}
