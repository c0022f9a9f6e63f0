import { childrenOf } from "./field-set.ts";
import { fieldAfter, isObject, shapeOf } from "./list-shapes.ts";

/**
 * Merges the stored value with the applied value, as server-side apply does. The caller must remove the fields that the
 * manager no longer sets.
 */
export function merged(live: unknown, applied: unknown, field = ""): unknown {
  const shape = shapeOf(field, applied);
  if (
    live === undefined ||
    shape === "atomic" ||
    Array.isArray(live) !== Array.isArray(applied) ||
    !(isObject(live) || Array.isArray(live))
  )
    return applied;
  const [olds, news] = [childrenOf(live, shape), childrenOf(applied, shape)];
  const children = inOrder([...olds.keys()], [...news.keys()]).map((step): [string, unknown] => {
    const inner = news.get(step);
    return [step, inner === undefined ? olds.get(step) : merged(olds.get(step), inner, fieldAfter(step, field))];
  });
  return shape === "granular"
    ? Object.fromEntries(children.map(([step, inner]) => [step.slice(2), inner]))
    : children.map(([, inner]) => inner);
}

/** The order of a merged list: the applied items in their applied order, and the other items at their old places. */
function inOrder(live: readonly string[], applied: readonly string[]): string[] {
  const [isLive, isApplied] = [new Set(live), new Set(applied)];
  const order: string[] = [];
  let at = 0;
  applied.forEach((step, index) => {
    const nextShared = applied.slice(index).find((later) => isLive.has(later));
    for (; at < live.length && live[at] !== nextShared; at++)
      if (!isApplied.has(live[at] ?? "")) order.push(live[at] ?? "");
    order.push(step);
  });
  return [...order, ...live.slice(at).filter((step) => !isApplied.has(step))];
}

/** Applies a JSON merge patch (RFC 7396). */
export function mergePatched(live: unknown, patch: unknown): unknown {
  if (!isObject(patch)) return patch;
  const result: Record<string, unknown> = isObject(live) ? { ...live } : {};
  for (const [field, value] of Object.entries(patch)) {
    if (value === null) delete result[field];
    else result[field] = mergePatched(result[field], value);
  }
  return result;
}
