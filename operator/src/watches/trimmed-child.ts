import type { KubeObject, ManagedFieldsEntry } from "../api/kube-object.ts";
import { bodyFields, isOwnEntry, itemsNotIn, type FieldSet } from "../api/field-set.ts";
import type { Interner } from "./interner.ts";

/** The fields of each kind that the operator reads. Memory holds nothing else of a child. */
const kept: Readonly<Record<string, readonly string[]>> = {
  ConfigMap: ["data"],
  Deployment: ["spec", "status"],
  HTTPRoute: ["status"],
  HorizontalPodAutoscaler: ["status"],
  Ingress: ["status"],
  PersistentVolumeClaim: ["spec", "status"],
  ScaledObject: ["status"],
  Secret: ["data"],
  StatefulSet: ["spec", "status"],
};

/**
 * The parts of a child that the operator needs: its owner, the fields that we own, and the fields that are read of its
 * kind.
 */
export function trimmedChild(object: KubeObject, interner: Interner): KubeObject {
  const {
    name,
    namespace,
    uid,
    resourceVersion,
    generation,
    labels,
    annotations,
    deletionTimestamp,
    ownerReferences,
    managedFields,
  } = object.metadata;
  const own = bodyFields(managedFields?.find(isOwnEntry) ?? {});
  const metadata = {
    name,
    namespace,
    uid,
    resourceVersion,
    generation,
    labels,
    annotations,
    deletionTimestamp,
    ownerReferences,
    managedFields: (managedFields ?? []).flatMap((entry) =>
      object.kind === "Ingress" && entry.subresource === "status"
        ? [{ ...entry, fieldsV1: {} }]
        : trimmedEntry(entry, own, interner),
    ),
  };
  const parts = (kept[object.kind] ?? []).map((field): [string, unknown] => [
    field,
    field === "spec" ? trimmedSpec(object[field]) : object[field],
  ]);
  return {
    apiVersion: object.apiVersion,
    kind: object.kind,
    metadata: Object.fromEntries(
      Object.entries(metadata).filter(([, value]) => value !== undefined),
    ) as unknown as KubeObject["metadata"],
    ...Object.fromEntries(parts),
  };
}

/**
 * Keeps two facts of other managers' entries: that an autoscaler writes replicas, and which list items are not ours.
 */
function trimmedEntry(entry: ManagedFieldsEntry, own: FieldSet, interner: Interner): ManagedFieldsEntry[] {
  if (isOwnEntry(entry)) return [{ ...entry, fieldsV1: sharedFields(entry.fieldsV1 ?? {}, interner) }];
  if (entry.subresource === "scale") return [{ ...entry, fieldsV1: { "f:spec": { "f:replicas": {} } } }];
  const items = entry.subresource === undefined ? itemsNotIn(bodyFields(entry), own) : undefined;
  return items === undefined ? [] : [{ ...entry, fieldsV1: items }];
}

/**
 * Stores each part of a field set once. All objects of a kind have equal parts, except the one with the owner's uid.
 */
function sharedFields(
  { "f:metadata": metadata, ...rest }: Record<string, unknown>,
  interner: Interner,
): Record<string, unknown> {
  return {
    ...interner.partsOf(rest),
    ...(metadata === undefined ? {} : { "f:metadata": interner.partsOf(metadata as Record<string, unknown>) }),
  };
}

function trimmedSpec(spec: unknown): unknown {
  const { replicas, volumeClaimTemplates, resources, template } = (spec ?? {}) as Record<string, unknown>;
  const { containers } =
    (template as { spec?: { containers?: { name: string; image?: string }[] } } | undefined)?.spec ?? {};
  return {
    ...(replicas === undefined ? {} : { replicas }),
    ...(volumeClaimTemplates === undefined ? {} : { volumeClaimTemplates }),
    ...(resources === undefined ? {} : { resources }),
    // Of a pod template, keep only the containers' names and images.
    ...(!Array.isArray(containers)
      ? {}
      : { template: { spec: { containers: containers.map(({ name, image }) => ({ name, image })) } } }),
  };
}
