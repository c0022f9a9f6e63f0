import type { KubeObject } from "../../operator/src/api/kube-object.ts";
import type { Resource } from "../../operator/src/kube/resource.ts";
import type { ObjectTable } from "./object-table.ts";
import { namespaces } from "./served-kinds.ts";

export interface Collector {
  /** Deletes an object as a client of the API would: an object with finalizers stays until they are removed. */
  remove(resource: Resource, object: KubeObject): void;
  update(resource: Resource, before: KubeObject, after: KubeObject): void;
}

/**
 * Does one pass over all objects, as Kubernetes' garbage collector and namespace controller do. Returns how many
 * objects it changed.
 */
export function collectGarbage(table: ObjectTable, collector: Collector): number {
  let touched = 0;
  for (const { resource, object: listed } of table.all()) {
    // Read the object again, because an earlier step of this pass may have changed it.
    const object = table.get(resource, listed.metadata.namespace, listed.metadata.name);
    if (object !== undefined && step(table, collector, resource, object)) touched++;
  }
  return touched;
}

function step(table: ObjectTable, collector: Collector, resource: Resource, object: KubeObject): boolean {
  if (object.metadata.deletionTimestamp !== undefined) return endStep(table, collector, resource, object);
  const isDue = isInEndingNamespace(table, object) || hasLostOwners(table, object);
  if (isDue) collector.remove(resource, object);
  return isDue;
}

function isInEndingNamespace(table: ObjectTable, { metadata: { namespace } }: KubeObject): boolean {
  if (namespace === undefined) return false;
  return table.get(namespaces, undefined, namespace)?.metadata.deletionTimestamp !== undefined;
}

/**
 * Whether the object must be deleted with its owners: no owner exists any more, or every existing owner waits until its
 * dependents are deleted.
 */
function hasLostOwners(table: ObjectTable, { metadata: { ownerReferences = [] } }: KubeObject): boolean {
  const uids = ownerReferences.map(({ uid }) => uid);
  const owners = table.all().filter(({ object }) => uids.includes(object.metadata.uid ?? ""));
  return (
    uids.length > 0 && owners.every(({ object }) => object.metadata.finalizers?.includes("foregroundDeletion") === true)
  );
}

/** Does the next step for an object that is being deleted. Returns false when there was nothing to do. */
function endStep(table: ObjectTable, collector: Collector, resource: Resource, object: KubeObject): boolean {
  const { uid, name, finalizers = [] } = object.metadata;
  const entries = table.all();
  const isOwned = (other: KubeObject) => other.metadata.ownerReferences?.some((owner) => owner.uid === uid) === true;
  const dependents = entries.filter((entry) => isOwned(entry.object));
  const dropFinalizer = (dropped: string) =>
    collector.update(resource, object, withMetadata(object, { finalizers: finalizers.filter((f) => f !== dropped) }));
  if (finalizers.includes("orphan")) {
    for (const { resource: kind, object: dependent } of dependents) {
      const left = dependent.metadata.ownerReferences?.filter((owner) => owner.uid !== uid) ?? [];
      collector.update(kind, dependent, withMetadata(dependent, { ownerReferences: left }));
    }
    dropFinalizer("orphan");
    return true;
  }
  if (finalizers.includes("foregroundDeletion") && dependents.length === 0) {
    dropFinalizer("foregroundDeletion");
    return true;
  }
  const isNamespace = resource.plural === namespaces.plural;
  const isEmptyNamespace = isNamespace && !entries.some((entry) => entry.object.metadata.namespace === name);
  if (isEmptyNamespace) table.remove(resource, object);
  return isEmptyNamespace;
}

function withMetadata(object: KubeObject, change: Partial<KubeObject["metadata"]>): KubeObject {
  return { ...object, metadata: { ...object.metadata, ...change } };
}
