import { isDeepStrictEqual } from "node:util";
import type { KubeObject } from "../../operator/src/api/kube-object.ts";
import { fieldAfter, isObject, itemKey, shapeOf } from "./list-shapes.ts";

/**
 * A set of fields in the form of metadata.managedFields[].fieldsV1, for example {"f:data": {"f:a": {}}}. A key is a
 * path step. The set contains the field at a node if the node is empty or has the key ".".
 */
export interface FieldSet {
  [step: string]: FieldSet;
}

const serverOwned = [
  "name",
  "namespace",
  "uid",
  "resourceVersion",
  "generation",
  "creationTimestamp",
  "deletionTimestamp",
  "deletionGracePeriodSeconds",
  "managedFields",
];

/**
 * The part of an object that field managers can own: everything except apiVersion, kind, and the metadata that
 * identifies the object or that the server sets.
 */
export function ownable({ apiVersion: _v, kind: _k, metadata, ...rest }: KubeObject): Record<string, unknown> {
  const about = Object.fromEntries(Object.entries(metadata).filter(([field]) => !serverOwned.includes(field)));
  return Object.keys(about).length === 0 ? rest : { ...rest, metadata: about };
}

/** The set of all fields that a value contains. */
export function fieldsOf(value: unknown, field = ""): FieldSet {
  const shape = shapeOf(field, value);
  if (shape === "atomic") return {};
  if (shape === "granular")
    return Object.fromEntries(
      Object.entries(value as object)
        .filter(([, inner]) => inner !== undefined)
        .map(([name, inner]) => [`f:${name}`, fieldsOf(inner, name)]),
    );
  if (shape === "set") return Object.fromEntries((value as unknown[]).map((item) => [`v:${JSON.stringify(item)}`, {}]));
  return Object.fromEntries(
    (value as Record<string, unknown>[]).map((item) => [itemKey(shape, item), itself(fieldsOf(item, `${field}[]`))]),
  );
}

/** The set of fields in which two values differ, including fields that only one of them contains. */
export function changedFields(before: unknown, after: unknown, field = ""): FieldSet | undefined {
  if (isDeepStrictEqual(before, after)) return undefined;
  if (before === undefined || after === undefined) return fieldsOf(before ?? after, field);
  const shape = shapeOf(field, after);
  if (shape === "atomic" || !isDeepStrictEqual(shape, shapeOf(field, before))) return {};
  const changed = changedMembers(childrenOf(before, shape), childrenOf(after, shape), field);
  return isEmpty(changed) ? undefined : changed;
}

function changedMembers(before: Map<string, unknown>, after: Map<string, unknown>, field: string): FieldSet {
  const changed: FieldSet = {};
  for (const step of new Set([...before.keys(), ...after.keys()])) {
    const inner = changedFields(before.get(step), after.get(step), fieldAfter(step, field));
    const isWholeItem = step.startsWith("k:") && before.has(step) !== after.has(step);
    if (inner !== undefined) changed[step] = isWholeItem ? itself(inner) : inner;
  }
  return changed;
}

/**
 * The direct children of an object or list that server-side apply merges member by member. The keys are path steps as
 * in fieldsV1, for example f:data.
 */
export function childrenOf(value: unknown, shape: ReturnType<typeof shapeOf>): Map<string, unknown> {
  if (shape === "granular")
    return new Map(Object.entries(value as object).map(([name, inner]) => [`f:${name}`, inner as unknown]));
  if (shape === "set") return new Map((value as unknown[]).map((item) => [`v:${JSON.stringify(item)}`, item]));
  return new Map((value as Record<string, unknown>[]).map((item) => [itemKey(shape as readonly string[], item), item]));
}

export function union(a: FieldSet, b: FieldSet): FieldSet {
  const both: FieldSet = { ...a };
  for (const [step, inner] of Object.entries(b)) {
    const own = both[step];
    // Keep the field itself in the set when its children are added.
    both[step] =
      own === undefined
        ? inner
        : union(
            isEmpty(own) && !isEmpty(inner) && step !== "." ? { ".": {} } : own,
            isEmpty(inner) && !isEmpty(own) ? { ".": {} } : inner,
          );
  }
  return both;
}

/** The fields of `a` that are not in `b`. Undefined when there are none. */
export function difference(a: FieldSet, b: FieldSet): FieldSet | undefined {
  const left: FieldSet = {};
  for (const [step, inner] of Object.entries(a)) {
    const rest = memberDifference(inner, b[step]);
    if (rest !== undefined) left[step] = rest;
  }
  return isEmpty(left) ? undefined : left;
}

function memberDifference(own: FieldSet, other: FieldSet | undefined): FieldSet | undefined {
  if (other === undefined) return own;
  if (isEmpty(own)) return isEmpty(other) || other["."] !== undefined ? undefined : own;
  return isEmpty(other) ? withoutItself(own) : difference(own, other);
}

/**
 * Adds the entry `.` to the fields of a list item. As in managedFields, it means that the manager also owns the item
 * itself.
 */
function itself(inner: FieldSet): FieldSet {
  return isEmpty(inner) ? inner : { ".": {}, ...inner };
}

function withoutItself({ ".": _self, ...children }: FieldSet): FieldSet | undefined {
  return isEmpty(children) ? undefined : children;
}

/** Returns the value without the fields of the set. Also removes objects and lists that become empty. */
export function withoutFields(value: unknown, set: FieldSet, field = ""): unknown {
  if (isEmpty(set)) return undefined;
  const shape = shapeOf(field, value);
  if (shape === "atomic") return value;
  const kept: [string, unknown][] = [];
  for (const [step, inner] of childrenOf(value, shape)) {
    const rest = memberWithoutFields(inner, set[step], step, field);
    if (rest !== undefined) kept.push([step, rest]);
  }
  if (kept.length === 0 && (Array.isArray(value) || isObject(value))) return undefined;
  return shape === "granular"
    ? Object.fromEntries(kept.map(([step, inner]) => [step.slice(2), inner]))
    : kept.map(([, inner]) => inner);
}

function memberWithoutFields(inner: unknown, dropped: FieldSet | undefined, step: string, field: string): unknown {
  if (dropped === undefined) return inner;
  const isWholeItem = step.startsWith("k:") && dropped["."] !== undefined;
  return isWholeItem ? undefined : withoutFields(inner, dropped, fieldAfter(step, field));
}

export function isEmpty(set: object): boolean {
  return Object.keys(set).length === 0;
}
