import { isDeepStrictEqual } from "node:util";
import type { KubeObject, ManagedFieldsEntry } from "../../operator/src/api/kube-object.ts";
import { changedFields, difference, fieldsOf, ownable, union, withoutFields, type FieldSet } from "./field-set.ts";
import { merged } from "./merge.ts";

/** Who writes: the field manager, and the subresource that it writes to. */
export interface Writer {
  manager: string;
  subresource: string | undefined;
  /** The time that is stored in the manager's entry of managedFields. */
  time: string;
}

/**
 * Computes the object after a forced server-side apply. A field that this manager no longer sets is removed, unless
 * another manager owns it. Other managers lose the ownership of fields whose value changes. If nothing changes, returns
 * `live` itself.
 */
export function afterApply(live: KubeObject | undefined, applied: KubeObject, writer: Writer): KubeObject {
  const before = live === undefined ? {} : ownable(live);
  const wanted = ownable(applied);
  const [own, others] = entriesOf(live, "Apply", writer);
  const wantedFields = fieldsOf(wanted);
  const shared = others.reduce<FieldSet>((all, entry) => union(all, fieldsIn(entry)), wantedFields);
  const dropped = difference(fieldsIn(own), shared);
  const kept = dropped === undefined ? before : (withoutFields(before, dropped) ?? {});
  const entry = { ...entryOf(applied, "Apply", writer), fieldsV1: wantedFields };
  return written(live, applied, merged(kept, wanted) as Record<string, unknown>, { own: entry, others });
}

/**
 * Computes the object after a create, replace or patch. The manager becomes the owner of the fields that it changed, in
 * an entry of managedFields with the operation Update.
 */
export function afterUpdate(live: KubeObject | undefined, next: KubeObject, writer: Writer): KubeObject {
  const after = ownable(next);
  const changed = changedFields(live === undefined ? {} : ownable(live), after) ?? {};
  const [own, others] = entriesOf(live, "Update", writer);
  const stillThere = fieldsOf(after);
  const gone = difference(changed, stillThere) ?? {};
  const fieldsV1 = difference(union(fieldsIn(own), changed), gone) ?? {};
  return written(live, next, after, { own: { ...entryOf(next, "Update", writer), fieldsV1 }, others });
}

interface Entries {
  own: ManagedFieldsEntry;
  others: readonly ManagedFieldsEntry[];
}

function written(
  live: KubeObject | undefined,
  identity: KubeObject,
  body: Record<string, unknown>,
  { own, others }: Entries,
): KubeObject {
  const changed = changedFields(live === undefined ? {} : ownable(live), body);
  const rest = others.map((entry) => ({ ...entry, fieldsV1: difference(fieldsIn(entry), changed ?? {}) ?? {} }));
  const managedFields = [...rest, own].filter((entry) => Object.keys(entry.fieldsV1 ?? {}).length > 0);
  if (live !== undefined && changed === undefined && sameOwners(live.metadata.managedFields ?? [], managedFields))
    return live;
  const { metadata: about, ...fields } = body;
  const kept = live?.metadata ?? {
    name: identity.metadata.name,
    ...(identity.metadata.namespace === undefined ? {} : { namespace: identity.metadata.namespace }),
  };
  const { labels: _l, annotations: _a, ownerReferences: _o, finalizers: _f, ...metadata } = kept;
  return {
    apiVersion: identity.apiVersion,
    kind: identity.kind,
    ...fields,
    metadata: { ...metadata, ...(about as object | undefined), managedFields },
  };
}

/** Splits managedFields into the entry of this writer and the entries of all others. */
function entriesOf(
  live: KubeObject | undefined,
  operation: "Apply" | "Update",
  { manager, subresource }: Writer,
): [ManagedFieldsEntry | undefined, ManagedFieldsEntry[]] {
  const entries = live?.metadata.managedFields ?? [];
  const own = entries.find(
    (entry) => entry.manager === manager && entry.operation === operation && entry.subresource === subresource,
  );
  return [own, entries.filter((entry) => entry !== own)];
}

function entryOf(
  { apiVersion }: KubeObject,
  operation: "Apply" | "Update",
  { manager, subresource, time }: Writer,
): ManagedFieldsEntry {
  return {
    manager,
    operation,
    apiVersion,
    time,
    fieldsType: "FieldsV1",
    ...(subresource === undefined ? {} : { subresource }),
  } as ManagedFieldsEntry;
}

function fieldsIn(entry: ManagedFieldsEntry | undefined): FieldSet {
  return (entry?.fieldsV1 ?? {}) as FieldSet;
}

function sameOwners(a: readonly ManagedFieldsEntry[], b: readonly ManagedFieldsEntry[]): boolean {
  const timeless = (entries: readonly ManagedFieldsEntry[]) =>
    new Map(
      entries.map(({ time: _time, ...entry }) => [`${entry.manager} ${entry.operation} ${entry.subresource}`, entry]),
    );
  return isDeepStrictEqual(timeless(a), timeless(b));
}
