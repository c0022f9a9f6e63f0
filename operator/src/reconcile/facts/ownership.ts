import type { KubeObject, OwnerReference } from "../../api/kube-object.ts";
import type { RealtimeCluster } from "../../api/realtime-cluster.ts";
import { labelsOf } from "../../manifests/shared/labels.ts";

export function controllerOf({ metadata }: KubeObject): OwnerReference | undefined {
  return metadata.ownerReferences?.find(({ controller }) => controller === true);
}

/**
 * Whether the object's controlling owner is this cluster. It compares uids: a cluster that was deleted and created
 * again has the same name, but another uid.
 */
export function isOurs(object: KubeObject, cluster: RealtimeCluster): boolean {
  return controllerOf(object)?.uid === cluster.metadata.uid;
}

/**
 * The child with this kind and name, if it belongs to this cluster or has no owner. A child of a deleted cluster with
 * the same name does not count.
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
 * Whether the operator may apply a manifest to the object: the object belongs to this cluster, or has our labels and no
 * owner. `kubectl delete --cascade=orphan` leaves objects without an owner, and the next cluster with this name takes
 * them over without a restart.
 */
export function mayTake(object: KubeObject, cluster: RealtimeCluster): boolean {
  if (controllerOf(object) !== undefined) return isOurs(object, cluster);
  const component = object.metadata.labels?.["app.kubernetes.io/component"] === "redis" ? "redis" : "server";
  return Object.entries(labelsOf(cluster, component)).every(
    ([name, value]) => object.metadata.labels?.[name] === value,
  );
}

/** Finalizers of Kubernetes' own garbage collector, which removes them without help. */
const OF_COLLECTOR: readonly string[] = ["foregroundDeletion", "orphan"];

/**
 * Who keeps an object that is being deleted, as the end of a sentence: "finalizer example.com/hold". Undefined when the
 * object is not being deleted, or when no other program keeps it.
 */
export function keeperOf({ metadata: { deletionTimestamp, finalizers = [] } }: KubeObject): string | undefined {
  const foreign = finalizers.filter((finalizer) => !OF_COLLECTOR.includes(finalizer));
  if (deletionTimestamp === undefined || foreign.length === 0) return undefined;
  return `${foreign.length === 1 ? "finalizer" : "finalizers"} ${foreign.join(", ")}`;
}

/** The owner as text for a message: "it belongs to Deployment web", or "nobody owns it". */
export function ownerText(object: KubeObject): string {
  const controller = controllerOf(object);
  return controller === undefined ? "nobody owns it" : `it belongs to ${controller.kind} ${controller.name}`;
}
