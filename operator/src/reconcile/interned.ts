/** Beyond this the values are forgotten, not dropped: whoever holds one keeps it. */
const most = 4_096;
const known = new Map<string, unknown>();

/**
 * An equal value that was seen before, or this one. Field sets of one kind are the same in every cluster, and each is some hundred
 * small objects: with 500 clusters they would be most of the operator's memory. The value must not be changed afterwards.
 */
export function interned<T>(value: T): T {
  const text = JSON.stringify(value);
  if (text === undefined || text.length < 16) return value;
  const found = known.get(text);
  if (found !== undefined) return found as T;
  if (known.size >= most) known.clear();
  known.set(text, value);
  return value;
}

/** The same for a map whose parts are shared more often than the whole. */
export function internedParts<T extends Record<string, unknown>>(value: T): T {
  return Object.fromEntries(Object.entries(value).map(([name, part]) => [name, interned(part)])) as T;
}
