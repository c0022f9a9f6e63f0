// Fields of a child that other managers own and the manifest lacks. Server-side apply keeps them: a port renamed by
// hand would stay next to the restored one, and the API server refuses duplicates (docs/adr/0004).
import { bodyFields, isOwnEntry, union, without, type FieldSet } from "../../api/field-set.ts";
import type { KubeObject, ManagedFieldsEntry } from "../../api/kube-object.ts";
import { fieldManager } from "../../api/realtime-cluster.ts";
import type { Manifest } from "../../manifests/shared/child.ts";

export interface ForeignFields {
  manager: string;
  fields: FieldSet;
}

/** Items of other managers in the manifest's lists. Items without a manager come from admission and stay. */
export function foreignItems(child: KubeObject, manifest: Manifest): ForeignFields[] {
  return foreign(child, manifest, "itemsOnly");
}

/** All fields of other managers that the manifest lacks, outside metadata and status. */
export function foreignFields(child: KubeObject, manifest: Manifest): ForeignFields[] {
  return foreign(child, manifest, "itemsAndFields");
}

/** Whether our own entry has items that the manifest lacks: another client has applied in our name. */
export function ownsOtherItems(child: KubeObject, manifest: Manifest): boolean {
  const own = child.metadata.managedFields?.find(isOwnEntry);
  return own !== undefined && beyond(bodyFields(own), bodyOf(manifest), "itemsOnly") !== undefined;
}

/**
 * managedFields that make these fields ours. The next apply then removes them in the same write that restores what is
 * missing: no list is empty or has duplicates in between.
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

/** Excludes other API versions, whose paths may differ, and subresources: an autoscaler owns replicas through scale. */
function isAboutBody({ apiVersion, subresource }: ManagedFieldsEntry, wanted: string): boolean {
  return subresource === undefined && apiVersion === wanted;
}

function bodyOf({ metadata: _metadata, apiVersion: _apiVersion, kind: _kind, ...body }: Manifest): object {
  return body;
}

/**
 * The fields in the set that the value lacks. With "itemsOnly", a field that the value lacks is skipped with its lists.
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

/** The field or item of a value that a FieldsV1 name means; undefined when the value lacks it. */
function partOf(value: unknown, name: string): unknown {
  if (name.startsWith("f:")) return (value as Record<string, unknown> | null)?.[name.slice(2)];
  const items = Array.isArray(value) ? (value as unknown[]) : [];
  if (name.startsWith("v:")) return items.find((item) => JSON.stringify(item) === name.slice(2));
  const keys = Object.entries(JSON.parse(name.slice(2)) as Record<string, unknown>);
  return items.find((item) =>
    keys.every(([key, wanted]) => ((item as Record<string, unknown>)[key] ?? keyDefaults[key]) === wanted),
  );
}

/** Keys of items that the API server fills in when a manifest omits them. */
const keyDefaults: Readonly<Record<string, unknown>> = { protocol: "TCP" };
