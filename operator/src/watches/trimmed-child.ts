import type { KubeObject, ManagedFieldsEntry } from "../api/kube-object.ts";
import { stableHash } from "../manifests/shared/stable-hash.ts";
import { bodyFields, isOwnEntry, itemsNotIn, type FieldSet } from "../api/field-set.ts";
import { OWN_VALUES, ownValuesHash } from "./own-values.ts";
import type { Interner } from "./interner.ts";

/** The fields that the operator reads of each kind. No other field of a child is kept in memory, except metadata. */
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
 * The parts of a child that the operator needs: its metadata without unneeded managedFields, and the fields that `kept`
 * lists for its kind.
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
    finalizers,
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
    finalizers,
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
    // Nothing derived from the values of Secrets is kept in memory.
    ...(object.kind === "Secret" ? {} : { [OWN_VALUES]: ownValuesHash(object) }),
  };
}

/**
 * The operator needs only two facts from managedFields entries of other managers: whether an autoscaler writes
 * `replicas`, and which list items do not belong to us. All else is removed.
 */
function trimmedEntry(entry: ManagedFieldsEntry, own: FieldSet, interner: Interner): ManagedFieldsEntry[] {
  if (isOwnEntry(entry)) return [{ ...entry, fieldsV1: sharedFields(entry.fieldsV1 ?? {}, interner) }];
  if (entry.subresource === "scale") return [{ ...entry, fieldsV1: { "f:spec": { "f:replicas": {} } } }];
  const items = entry.subresource === undefined ? itemsNotIn(bodyFields(entry), own) : undefined;
  return items === undefined ? [] : [{ ...entry, fieldsV1: items }];
}

/**
 * Shares each part of a field set with other objects. All objects of a kind have equal parts, except for the part with
 * the owner's uid.
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
  const { replicas, volumeClaimTemplates, resources, storageClassName, template } = (spec ?? {}) as Record<
    string,
    unknown
  >;
  const { containers } =
    (template as { spec?: { containers?: { name: string; image?: string }[] } } | undefined)?.spec ?? {};
  return {
    ...(replicas === undefined ? {} : { replicas }),
    ...(volumeClaimTemplates === undefined ? {} : { volumeClaimTemplates }),
    ...(resources === undefined ? {} : { resources }),
    ...(storageClassName === undefined ? {} : { storageClassName }),
    // Of a pod template, keep only the containers' names and images, and a hash that shows whether it changes.
    ...(!Array.isArray(containers)
      ? {}
      : {
          templateHash: stableHash(template),
          template: { spec: { containers: containers.map(({ name, image }) => ({ name, image })) } },
        }),
  };
}
