/**
 * The merge key of each list, by the list's name. A patch replaces every other list as a whole, as in the API server.
 */
const mergeKeys: Record<string, string> = {
  containers: "name",
  initContainers: "name",
  ephemeralContainers: "name",
  env: "name",
  volumes: "name",
  imagePullSecrets: "name",
  volumeMounts: "mountPath",
  volumeDevices: "devicePath",
  ports: "containerPort",
  hostAliases: "ip",
  topologySpreadConstraints: "topologyKey",
};

/**
 * Applies a strategic merge patch to a pod template, as the API server does. Maps are merged, and null removes a key.
 * Lists with a merge key are merged item by item, and other lists are replaced. New items come last, while the API
 * server puts them first.
 * `$patch: delete` removes an item or empties a map. `$patch: replace` replaces the whole map or list. `$retainKeys`
 * lists the keys that stay, for example to change the kind of a volume.
 */
export function strategicMerge(base: unknown, patch: unknown, name = ""): unknown {
  if (Array.isArray(patch)) {
    const key = mergeKeys[name];
    return key === undefined || !Array.isArray(base) ? patch.map(withoutDirectives) : mergedList(base, patch, key);
  }
  if (!isRecord(patch)) return patch;
  if (patch["$patch"] === "delete") return {};
  if (!isRecord(base) || patch["$patch"] === "replace") return withoutDirectives(patch);
  const merged = retained(base, patch["$retainKeys"]);
  for (const [field, change] of Object.entries(patch)) {
    if (change === null) delete merged[field];
    else if (!isDirective(field)) merged[field] = strategicMerge(merged[field], change, field);
  }
  return merged;
}

function retained(base: Record<string, unknown>, keys: unknown): Record<string, unknown> {
  return Object.fromEntries(Object.entries(base).filter(([field]) => !Array.isArray(keys) || keys.includes(field)));
}

function mergedList(base: readonly unknown[], patch: readonly unknown[], key: string): unknown[] {
  const directiveOf = (item: unknown) => (isRecord(item) ? item["$patch"] : undefined);
  const items = patch.filter((item) => directiveOf(item) === undefined);
  if (patch.some((item) => directiveOf(item) === "replace")) return items.map(withoutDirectives);
  const isLike = (item: unknown, other: unknown) => isRecord(item) && isRecord(other) && item[key] === other[key];
  const deleted = patch.filter((item) => directiveOf(item) === "delete");
  const merged = base.filter((item) => !deleted.some((other) => isLike(item, other)));
  for (const item of items) {
    const at = merged.findIndex((other) => isLike(item, other));
    if (at === -1) merged.push(withoutDirectives(item));
    else merged[at] = strategicMerge(merged[at], item);
  }
  return merged;
}

function isDirective(field: string): boolean {
  return field === "$patch" || field === "$retainKeys";
}

function withoutDirectives(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutDirectives);
  if (!isRecord(value)) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([field, part]) => !isDirective(field) && part !== null)
      .map(([field, part]) => [field, withoutDirectives(part)]),
  );
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
