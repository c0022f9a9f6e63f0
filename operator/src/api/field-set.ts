import type { ManagedFieldsEntry } from "./kube-object.ts";
import { fieldManager } from "./realtime-cluster.ts";

/**
 * The fields that one field manager owns, in the format FieldsV1 of managedFields (structured-merge-diff, fieldpath).
 * "f:name" is a field, "k:{…}" is the list item with these keys, "v:…" is a member of a set, and "." is the node
 * itself. An empty node means a leaf, or a whole map or list.
 */
export type FieldSet = Record<string, unknown>;

/** Whether the operator wrote this entry of managedFields by server-side apply. */
export function isOwnEntry({ manager, operation, subresource }: ManagedFieldsEntry): boolean {
  return manager === fieldManager && operation === "Apply" && subresource === undefined;
}

/** The fields of a managedFields entry, except metadata and status. */
export function bodyFields({ fieldsV1 = {} }: ManagedFieldsEntry): FieldSet {
  const { "f:metadata": _metadata, "f:status": _status, ...fields } = fieldsV1;
  return fields;
}

/** The list items that are in `fields` and not in `other`, each as an empty node. Undefined when there are none. */
export function itemsNotIn(fields: FieldSet, other: FieldSet): FieldSet | undefined {
  const found = Object.entries(fields).flatMap(([name, child]) => {
    if (name === ".") return [];
    const isItem = !name.startsWith("f:");
    if (isItem && !(name in other)) return [[name, {}] as const];
    const inside = itemsNotIn(child as FieldSet, (other[name] ?? {}) as FieldSet);
    return inside === undefined ? [] : [[name, inside] as const];
  });
  return found.length === 0 ? undefined : Object.fromEntries(found);
}

export function union(one: FieldSet, other: FieldSet): FieldSet {
  const sum = { ...one };
  for (const [name, node] of Object.entries(other))
    sum[name] = name in one ? union(one[name] as FieldSet, node as FieldSet) : node;
  return sum;
}

/** Removes from `fields` every leaf that `taken` has. Undefined when nothing remains. */
export function without(fields: FieldSet, taken: FieldSet): FieldSet | undefined {
  const left = Object.entries(fields).flatMap(([name, node]) => {
    if (!(name in taken)) return [[name, node] as const];
    const inside = taken[name] as FieldSet;
    const rest = Object.keys(inside).length === 0 ? undefined : without(node as FieldSet, inside);
    return rest === undefined ? [] : [[name, rest] as const];
  });
  return left.length === 0 ? undefined : Object.fromEntries(left);
}

/** The paths of a set's outermost fields and list items, as text for messages: "spec.ports[port=5999,protocol=TCP]". */
export function pathsIn(fields: FieldSet, path = ""): string[] {
  const names = Object.keys(fields).filter((name) => name !== ".");
  if (names.length === 0 || (path !== "" && "." in fields)) return [path];
  return names.flatMap((name) => pathsIn(fields[name] as FieldSet, path + stepText(name, path)));
}

function stepText(name: string, path: string): string {
  if (name.startsWith("f:")) return `${path === "" ? "" : "."}${name.slice(2)}`;
  if (!name.startsWith("k:")) return `[${name.slice(2)}]`;
  const keys = Object.entries(JSON.parse(name.slice(2)) as Record<string, unknown>);
  return `[${keys.map(([key, value]) => `${key}=${String(value)}`).join(",")}]`;
}
