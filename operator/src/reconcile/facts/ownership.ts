import type { KubeObject, OwnerReference } from "../../api/kube-object.ts";
import type { RealtimeCluster } from "../../api/realtime-cluster.ts";
import { labelsOf } from "../../manifests/shared/labels.ts";

export function controllerOf({ metadata }: KubeObject): OwnerReference | undefined {
  return metadata.ownerReferences?.find(({ controller }) => controller === true);
}

/**
 * Whether this very cluster controls the object. A uid and not a name: a cluster deleted and made again is another one.
 */
export function isOurs(object: KubeObject, cluster: RealtimeCluster): boolean {
  return controllerOf(object)?.uid === cluster.metadata.uid;
}

/** A child by kind and name that is this cluster's or nobody's: not one that a former cluster of the name left. */
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
 * Whether the object may be applied to: it is ours, or nobody's and carries our labels. The latter is what an orphaning
 * deletion (kubectl delete --cascade=orphan) leaves, and the next cluster of the name takes it up without a restart.
 */
export function mayTake(object: KubeObject, cluster: RealtimeCluster): boolean {
  if (controllerOf(object) !== undefined) return isOurs(object, cluster);
  const component = object.metadata.labels?.["app.kubernetes.io/component"] === "redis" ? "redis" : "server";
  return Object.entries(labelsOf(cluster, component)).every(
    ([name, value]) => object.metadata.labels?.[name] === value,
  );
}

/** Who owns it, for a message: "Deployment web", or that nobody does. */
export function ownerText(object: KubeObject): string {
  const controller = controllerOf(object);
  return controller === undefined ? "nobody owns it" : `it belongs to ${controller.kind} ${controller.name}`;
}
