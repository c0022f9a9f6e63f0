// Decides from a child alone whether it still is as the operator applied it. It sends no request. It compares no
// values, because the API server may have rewritten them ("0.5" → "500m").
import type { KubeObject } from "../../api/kube-object.ts";
import { fieldManager } from "../../api/realtime-cluster.ts";
import type { Manifest } from "../../manifests/shared/child.ts";
import { foreignItems, ownsOtherItems } from "./foreign-fields.ts";
import { stableHash } from "../../manifests/shared/stable-hash.ts";

/** The annotation that stores the hash of the applied manifest. */
export const manifestAnnotation = "realtime.dev/manifest";

/** The manifest with one more annotation, which has the manifest's hash. */
export function stamped(manifest: Manifest): Manifest {
  const { annotations } = manifest.metadata as { annotations?: Record<string, string> };
  return {
    ...manifest,
    metadata: { ...manifest.metadata, annotations: { ...annotations, [manifestAnnotation]: stableHash(manifest) } },
  };
}

/**
 * Whether the child was last applied from this same manifest and we still own all its fields. When another client
 * changes one of our fields, we lose the ownership of this field. This is also true for the annotation (Kubernetes,
 * "Server-Side Apply").
 */
export function inSync(child: KubeObject, manifest: Manifest): boolean {
  const wanted = stamped(manifest);
  const applied = child.metadata.annotations?.[manifestAnnotation];
  if (applied !== wanted.metadata["annotations" as never]?.[manifestAnnotation]) return false;
  const ours = child.metadata.managedFields?.find(
    ({ manager, operation, subresource }) =>
      manager === fieldManager && operation === "Apply" && subresource === undefined,
  );
  const { apiVersion: _apiVersion, kind: _kind, metadata, ...body } = wanted;
  const { name: _name, namespace: _namespace, ...ownMetadata } = metadata;
  if (ours === undefined || !covers(ours.fieldsV1 ?? {}, { ...body, metadata: ownMetadata })) return false;
  return !ownsOtherItems(child, manifest) && foreignItems(child, manifest).length === 0;
}

/** Whether the set contains every field of the value. FieldSet explains the format. */
export function covers(owned: Record<string, unknown>, value: unknown): boolean {
  const names = Object.keys(owned).filter((name) => name !== ".");
  if (names.length === 0) return true;
  if (Array.isArray(value)) return value.every((item) => coversItem(owned, names, item));
  if (typeof value !== "object" || value === null) return true;
  return Object.entries(value).every(([name, part]) => {
    if (part === undefined) return true;
    const node = owned[`f:${name}`];
    return node !== undefined && covers(node as Record<string, unknown>, part);
  });
}

function coversItem(owned: Record<string, unknown>, names: readonly string[], item: unknown): boolean {
  return names.some((name) => {
    if (name.startsWith("v:")) return JSON.stringify(item) === name.slice(2);
    if (!name.startsWith("k:") || typeof item !== "object" || item === null) return false;
    const keys = JSON.parse(name.slice(2)) as Record<string, unknown>;
    // The manifest's item may have no value for a key, because the API server adds some keys, such as a port's
    // protocol.
    const isIt = Object.entries(keys).every(
      ([key, wanted]) =>
        (item as Record<string, unknown>)[key] === undefined || (item as Record<string, unknown>)[key] === wanted,
    );
    return isIt && covers(owned[name] as Record<string, unknown>, item);
  });
}

/** Whether the child was last applied from this same manifest, no matter what other clients have changed since. */
export function wasApplied(child: KubeObject | undefined, wanted: Manifest): boolean {
  const { annotations } = stamped(wanted).metadata as { annotations?: Record<string, string> };
  return child !== undefined && child.metadata.annotations?.[manifestAnnotation] === annotations?.[manifestAnnotation];
}
