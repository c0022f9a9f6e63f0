import { childrenOf } from "./field-set.ts";
import { isObject, shapeOf } from "./list-shapes.ts";

/** What server-side apply makes of a stored value and an applied one, before anything is taken away. */
export function merged(live: unknown, applied: unknown, field = ""): unknown {
  const shape = shapeOf(field, applied);
  if (live === undefined || shape === "atomic" || Array.isArray(live) !== Array.isArray(applied) || !(isObject(live) || Array.isArray(live))) return applied;
  const children = childrenOf(live, shape);
  for (const [step, inner] of childrenOf(applied, shape)) {
    if (inner !== undefined) children.set(step, merged(children.get(step), inner, step.startsWith("f:") ? step.slice(2) : ""));
  }
  return shape === "granular" ? Object.fromEntries([...children].map(([step, inner]) => [step.slice(2), inner])) : [...children.values()];
}

/** RFC 7396. */
export function mergePatched(live: unknown, patch: unknown): unknown {
  if (!isObject(patch)) return patch;
  const result: Record<string, unknown> = isObject(live) ? { ...live } : {};
  for (const [field, value] of Object.entries(patch)) {
    if (value === null) delete result[field];
    else result[field] = mergePatched(result[field], value);
  }
  return result;
}
