import type { KubeObject } from "../../operator/src/api/kube-object.ts";
import type { Resource } from "../../operator/src/kube/resource.ts";
import type { ObjectTable } from "./object-table.ts";
import { namespaces } from "./served-kinds.ts";

export interface Collector {
  /** Deletes as a client would, finalizers and all. */
  remove(resource: Resource, object: KubeObject): void;
  update(resource: Resource, before: KubeObject, after: KubeObject): void;
}

/** One pass of the garbage collector and the namespace controller. Returns how many objects it touched; 0 means all is done. */
export function collectGarbage(table: ObjectTable, collector: Collector): number {
  let touched = 0;
  for (const { resource, object: listed } of table.all()) {
    // An earlier step of this pass may have changed it.
    const object = table.get(resource, listed.metadata.namespace, listed.metadata.name);
    if (object !== undefined && step(table, collector, resource, object)) touched++;
  }
  return touched;
}

function step(table: ObjectTable, collector: Collector, resource: Resource, object: KubeObject): boolean {
  const { uid, namespace, ownerReferences = [], finalizers = [], deletionTimestamp } = object.metadata;
  const entries = table.all();
  if (deletionTimestamp === undefined) {
    const isEnding =
      namespace !== undefined && table.get(namespaces, undefined, namespace)?.metadata.deletionTimestamp !== undefined;
    const owners = entries.filter((entry) => ownerReferences.some((owner) => owner.uid === entry.object.metadata.uid));
    const isOrphan =
      ownerReferences.length > 0 &&
      owners.every((owner) => owner.object.metadata.finalizers?.includes("foregroundDeletion"));
    if (isEnding || isOrphan) collector.remove(resource, object);
    return isEnding || isOrphan;
  }
  const dependents = entries.filter((entry) =>
    entry.object.metadata.ownerReferences?.some((owner) => owner.uid === uid),
  );
  if (finalizers.includes("orphan")) {
    for (const { resource: kind, object: dependent } of dependents) {
      const left = dependent.metadata.ownerReferences?.filter((owner) => owner.uid !== uid) ?? [];
      collector.update(kind, dependent, withMetadata(dependent, { ownerReferences: left }));
    }
    collector.update(
      resource,
      object,
      withMetadata(object, { finalizers: finalizers.filter((finalizer) => finalizer !== "orphan") }),
    );
    return true;
  }
  if (finalizers.includes("foregroundDeletion") && dependents.length === 0) {
    collector.update(
      resource,
      object,
      withMetadata(object, { finalizers: finalizers.filter((finalizer) => finalizer !== "foregroundDeletion") }),
    );
    return true;
  }
  const isEmptyNamespace =
    resource.plural === namespaces.plural &&
    !entries.some((entry) => entry.object.metadata.namespace === object.metadata.name);
  if (isEmptyNamespace) table.remove(resource, object);
  return isEmptyNamespace;
}

function withMetadata(object: KubeObject, change: Partial<KubeObject["metadata"]>): KubeObject {
  return { ...object, metadata: { ...object.metadata, ...change } };
}
