// What other managers own in a child and the operator does not want. Server-side apply never removes what others own: a port that
// was renamed by hand would stay beside the one that is put back, and the API server refuses two of one name (docs/adr/0004).
import { bodyFields, isOwnEntry, union, without, type FieldSet } from "../../api/field-set.ts";
import type { KubeObject, ManagedFieldsEntry } from "../../api/kube-object.ts";
import { fieldManager } from "../../api/realtime-cluster.ts";
import type { Manifest } from "../../manifests/shared/child.ts";

export interface ForeignFields {
  manager: string;
  fields: FieldSet;
}

/** Items that others have put into lists of the manifest. Items that nobody owns came from admission, and stay. */
export function foreignItems(child: KubeObject, manifest: Manifest): ForeignFields[] {
  return foreign(child, manifest, "itemsOnly");
}

/** All that others have set and the manifest does not have, outside of metadata and status. */
export function foreignFields(child: KubeObject, manifest: Manifest): ForeignFields[] {
  return foreign(child, manifest, "itemsAndFields");
}

/** Whether our own entry has items that the manifest does not have: somebody has applied in our name. */
export function ownsOtherItems(child: KubeObject, manifest: Manifest): boolean {
  const own = child.metadata.managedFields?.find(isOwnEntry);
  return own !== undefined && beyond(bodyFields(own), bodyOf(manifest), "itemsOnly") !== undefined;
}

/**
 * The managedFields with these fields in our name. The next apply removes what is ours and not in its manifest, in the same write
 * in which it puts back what is missing: no list is empty or doubled in between.
 */
export function adopted(child: KubeObject, fields: readonly ForeignFields[]): ManagedFieldsEntry[] {
  const entries = child.metadata.managedFields ?? [];
  const taken = fields.reduce<FieldSet>((sum, { fields: more }) => union(sum, more), {});
  const own = entries.find(isOwnEntry) ?? newEntry(child);
  const others = entries.flatMap((entry) => {
    if (isOwnEntry(entry)) return [];
    if (!isAboutBody(entry, child.apiVersion)) return [entry];
    const fieldsV1 = without(entry.fieldsV1 ?? {}, taken);
    return fieldsV1 === undefined ? [] : [{ ...entry, fieldsV1 }];
  });
  return [...others, { ...own, fieldsV1: union(own.fieldsV1 ?? {}, taken) }];
}

function newEntry({ apiVersion }: KubeObject): ManagedFieldsEntry & { fieldsType: string } {
  return { manager: fieldManager, operation: "Apply", apiVersion, fieldsType: "FieldsV1" };
}

type Extent = "itemsOnly" | "itemsAndFields";

function foreign({ metadata }: KubeObject, manifest: Manifest, extent: Extent): ForeignFields[] {
  return (metadata.managedFields ?? []).flatMap((entry) => {
    if (isOwnEntry(entry) || !isAboutBody(entry, manifest.apiVersion)) return [];
    const fields = beyond(bodyFields(entry), bodyOf(manifest), extent);
    return fields === undefined ? [] : [{ manager: entry.manager ?? "unknown", fields }];
  });
}

/** A path means something else in another version, and an autoscaler owns replicas by way of the subresource scale. */
function isAboutBody({ apiVersion, subresource }: ManagedFieldsEntry, wanted: string): boolean {
  return subresource === undefined && apiVersion === wanted;
}

function bodyOf({ metadata: _metadata, apiVersion: _apiVersion, kind: _kind, ...body }: Manifest): object {
  return body;
}

/** What is in the set and not in the value. With "itemsOnly", a field that the value leaves out is skipped with its lists. */
function beyond(fields: FieldSet, value: unknown, extent: Extent): FieldSet | undefined {
  const found = Object.entries(fields).flatMap(([name, child]) => {
    if (name === ".") return [];
    const node = child as FieldSet;
    const part = partOf(value, name);
    if (part !== undefined) {
      const inside = beyond(node, part, extent);
      return inside === undefined ? [] : [[name, inside] as const];
    }
    return name.startsWith("f:") && extent === "itemsOnly" ? [] : [[name, node] as const];
  });
  return found.length === 0 ? undefined : Object.fromEntries(found);
}

/** The field or item of a value that a name of a field set stands for; undefined where there is none. */
function partOf(value: unknown, name: string): unknown {
  if (name.startsWith("f:")) return (value as Record<string, unknown> | null)?.[name.slice(2)];
  const items = Array.isArray(value) ? (value as unknown[]) : [];
  if (name.startsWith("v:")) return items.find((item) => JSON.stringify(item) === name.slice(2));
  const keys = Object.entries(JSON.parse(name.slice(2)) as Record<string, unknown>);
  return items.find((item) =>
    keys.every(([key, wanted]) => ((item as Record<string, unknown>)[key] ?? keyDefaults[key]) === wanted),
  );
}

/** Keys of items that the API server fills in where a manifest leaves them out. */
const keyDefaults: Readonly<Record<string, unknown>> = { protocol: "TCP" };
