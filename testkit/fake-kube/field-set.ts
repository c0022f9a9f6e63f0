import { isDeepStrictEqual } from "node:util";
import type { KubeObject } from "../../operator/src/api/kube-object.ts";
import { fieldAfter, isObject, itemKey, shapeOf } from "./list-shapes.ts";

/** A set of fields as `fieldsV1` writes it: {"f:data": {"f:a": {}}}. An empty node is a member, "." makes one of a node with children. */
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

/** What of an object can be owned: everything but its identity and what the server keeps for itself. */
export function ownable({ apiVersion: _v, kind: _k, metadata, ...rest }: KubeObject): Record<string, unknown> {
  const about = Object.fromEntries(Object.entries(metadata).filter(([field]) => !serverOwned.includes(field)));
  return Object.keys(about).length === 0 ? rest : { ...rest, metadata: about };
}

/** All fields that a value sets. */
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

/** The fields in which two values differ, including those that only one of them has. */
export function changedFields(before: unknown, after: unknown, field = ""): FieldSet | undefined {
  if (isDeepStrictEqual(before, after)) return undefined;
  if (before === undefined || after === undefined) return fieldsOf(before ?? after, field);
  const shape = shapeOf(field, after);
  if (shape === "atomic" || !isDeepStrictEqual(shape, shapeOf(field, before))) return {};
  const [olds, news] = [childrenOf(before, shape), childrenOf(after, shape)];
  const changed: FieldSet = {};
  for (const step of new Set([...olds.keys(), ...news.keys()])) {
    const inner = changedFields(olds.get(step), news.get(step), fieldAfter(step, field));
    const isWholeItem = step.startsWith("k:") && olds.has(step) !== news.has(step);
    if (inner !== undefined) changed[step] = isWholeItem ? itself(inner) : inner;
  }
  return Object.keys(changed).length === 0 ? undefined : changed;
}

/** The parts of a granular object or associative list, by their steps. */
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
    // A member that gains children keeps its membership.
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

/** Members of a that are not in b; undefined when none is left. */
export function difference(a: FieldSet, b: FieldSet): FieldSet | undefined {
  const left: FieldSet = {};
  for (const [step, inner] of Object.entries(a)) {
    const other = b[step];
    const rest =
      other === undefined
        ? inner
        : isEmpty(inner)
          ? isEmpty(other) || other["."] !== undefined
            ? undefined
            : inner
          : isEmpty(other)
            ? withoutItself(inner)
            : difference(inner, other);
    if (rest !== undefined) left[step] = rest;
  }
  return isEmpty(left) ? undefined : left;
}

/** The set of an item's fields, with the item. */
function itself(inner: FieldSet): FieldSet {
  return isEmpty(inner) ? inner : { ".": {}, ...inner };
}

function withoutItself({ ".": _self, ...children }: FieldSet): FieldSet | undefined {
  return isEmpty(children) ? undefined : children;
}

/** The value without the fields of the set; an object or list that loses its last field goes with it. */
export function withoutFields(value: unknown, set: FieldSet, field = ""): unknown {
  if (isEmpty(set)) return undefined;
  const shape = shapeOf(field, value);
  if (shape === "atomic") return value;
  const kept: [string, unknown][] = [];
  for (const [step, inner] of childrenOf(value, shape)) {
    const going = set[step];
    const isWholeItem = step.startsWith("k:") && going?.["."] !== undefined;
    const rest =
      going === undefined ? inner : isWholeItem ? undefined : withoutFields(inner, going, fieldAfter(step, field));
    if (rest !== undefined) kept.push([step, rest]);
  }
  if (kept.length === 0 && (Array.isArray(value) || isObject(value))) return undefined;
  return shape === "granular"
    ? Object.fromEntries(kept.map(([step, inner]) => [step.slice(2), inner]))
    : kept.map(([, inner]) => inner);
}

export function isEmpty(set: object): boolean {
  return Object.keys(set).length === 0;
}
