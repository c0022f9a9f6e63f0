// Foreign fields are fields of a child that other managers own and that the manifest does not have. Server-side apply
// keeps them. For example, if somebody renames a port by hand, the next apply restores the old port and keeps the
// renamed one. The API server then refuses the duplicate (docs/adr/0004).
import { bodyFields, isOwnEntry, union, without, type FieldSet } from "../../api/field-set.ts";
import type { KubeObject, ManagedFieldsEntry } from "../../api/kube-object.ts";
import { fieldManager } from "../../api/realtime-cluster.ts";
import type { Manifest } from "../../manifests/shared/child.ts";

export interface ForeignFields {
  manager: string;
  fields: FieldSet;
}

/**
 * Items that other managers own, in lists that the manifest has. Items without a manager are left in the list, because
 * admission plugins add them.
 */
export function foreignItems(child: KubeObject, manifest: Manifest): ForeignFields[] {
  return foreign(child, manifest, "itemsOnly");
}

/** All fields that other managers own and that the manifest does not have, except metadata and status. */
export function foreignFields(child: KubeObject, manifest: Manifest): ForeignFields[] {
  return foreign(child, manifest, "itemsAndFields");
}

/**
 * Whether our own managedFields entry has items that the manifest does not have. Then another client has applied the
 * object under our manager's name.
 */
export function ownsOtherItems(child: KubeObject, manifest: Manifest): boolean {
  const own = child.metadata.managedFields?.find(isOwnEntry);
  return own !== undefined && beyond(bodyFields(own), bodyOf(manifest), "itemsOnly") !== undefined;
}

/**
 * The child's managedFields after the given foreign fields were moved to our entry. One apply then removes these fields
 * and restores missing ones at the same time. So no list is ever empty or has duplicates in between.
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

/**
 * Only entries of the manifest's API version count, because the paths in other versions may differ. Entries of
 * subresources do not count: an autoscaler owns `replicas` through the subresource scale.
 */
function isAboutBody({ apiVersion, subresource }: ManagedFieldsEntry, wanted: string): boolean {
  return subresource === undefined && apiVersion === wanted;
}

function bodyOf({ metadata: _metadata, apiVersion: _apiVersion, kind: _kind, ...body }: Manifest): object {
  return body;
}

/**
 * The fields of the set that do not exist in the value. With "itemsOnly", the result has only list items. A field that
 * does not exist in the value is then left out, with all lists in it.
 */
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

/** The part of a value that a name in FieldsV1 format selects. Undefined when the value does not have this part. */
function partOf(value: unknown, name: string): unknown {
  if (name.startsWith("f:")) return (value as Record<string, unknown> | null)?.[name.slice(2)];
  const items = Array.isArray(value) ? (value as unknown[]) : [];
  if (name.startsWith("v:")) return items.find((item) => JSON.stringify(item) === name.slice(2));
  const keys = Object.entries(JSON.parse(name.slice(2)) as Record<string, unknown>);
  return items.find((item) =>
    keys.every(([key, wanted]) => ((item as Record<string, unknown>)[key] ?? keyDefaults[key]) === wanted),
  );
}

/** Keys that the API server adds to a list item when the manifest's item does not have them. */
const keyDefaults: Readonly<Record<string, unknown>> = { protocol: "TCP" };
