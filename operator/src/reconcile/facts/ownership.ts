import type { KubeObject, OwnerReference } from "../../api/kube-object.ts";
import type { RealtimeCluster } from "../../api/realtime-cluster.ts";
import { labelsOf } from "../../manifests/shared/labels.ts";

export function controllerOf({ metadata }: KubeObject): OwnerReference | undefined {
  return metadata.ownerReferences?.find(({ controller }) => controller === true);
}

/**
 * Whether this cluster controls the object. It compares uids, because a cluster that was deleted and created again has
 * the same name.
 */
export function isOurs(object: KubeObject, cluster: RealtimeCluster): boolean {
  return controllerOf(object)?.uid === cluster.metadata.uid;
}

/**
 * A child by kind and name that belongs to this cluster or has no owner. Children of a deleted cluster with the same
 * name are ignored.
 */
export function childNamed(
  { children, cluster }: { children: readonly KubeObject[]; cluster: RealtimeCluster },
  kind: string,
  name: string,
): KubeObject | undefined {
  return children.find(
    (child) =>
      child.kind === kind &&
      child.metadata.name === name &&
      (isOurs(child, cluster) || controllerOf(child) === undefined),
  );
}

/**
 * Whether the operator may apply to the object: this cluster owns it, or it has our labels and no owner. `kubectl
 * delete --cascade=orphan` leaves such objects. The next cluster of that name takes them over without a restart.
 */
export function mayTake(object: KubeObject, cluster: RealtimeCluster): boolean {
  if (controllerOf(object) !== undefined) return isOurs(object, cluster);
  const component = object.metadata.labels?.["app.kubernetes.io/component"] === "redis" ? "redis" : "server";
  return Object.entries(labelsOf(cluster, component)).every(
    ([name, value]) => object.metadata.labels?.[name] === value,
  );
}

/** The owner as text for a message: "Deployment web", or that there is none. */
export function ownerText(object: KubeObject): string {
  const controller = controllerOf(object);
  return controller === undefined ? "nobody owns it" : `it belongs to ${controller.kind} ${controller.name}`;
}
