import { type FieldSet, isOwnEntry } from "../api/field-set.ts";
import type { KubeObject } from "../api/kube-object.ts";
import { stableHash } from "../manifests/shared/stable-hash.ts";

/** The field of a trimmed child that has the hash of the values in our fields. */
export const OWN_VALUES = "ownValues";

/** The hash of the values in all fields that our manager owns. Undefined if it owns none. */
export function ownValuesHash(object: KubeObject): string | undefined {
  const fields = object.metadata.managedFields?.find(isOwnEntry)?.fieldsV1;
  return fields === undefined ? undefined : stableHash(valuesIn(object, fields));
}

/** The values that a set of fields selects, in the form of the set. */
function valuesIn(value: unknown, fields: FieldSet): unknown {
  const names = Object.keys(fields).filter((name) => name !== ".");
  if (names.length === 0) return value;
  return Object.fromEntries(
    names.map((name) => [name, valuesIn(partOf(value, name), fields[name] as FieldSet)] as const),
  );
}

function partOf(value: unknown, name: string): unknown {
  if (name.startsWith("f:")) return (value as Record<string, unknown> | null | undefined)?.[name.slice(2)];
  if (!name.startsWith("k:") || !Array.isArray(value)) return undefined;
  const keys = Object.entries(JSON.parse(name.slice(2)) as Record<string, unknown>);
  return value.find((item) => keys.every(([key, wanted]) => (item as Record<string, unknown>)[key] === wanted));
}
