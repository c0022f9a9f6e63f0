/** By which key the items of a list are told apart, by the list's name. Any other list is replaced whole, as the API server does it. */
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
 * A strategic merge patch for pod templates: maps are merged, null removes a key, lists of the names above are merged item by
 * item (an item with `$patch: delete` removes its like; new ones come last), all others are replaced. Of the API server's
 * directives only `$patch: delete` and `$patch: replace` are known. A volume whose source is changed needs `$patch: replace`.
 */
export function strategicMerge(base: unknown, patch: unknown, name = ""): unknown {
  if (Array.isArray(patch)) {
    const key = mergeKeys[name];
    return key === undefined || !Array.isArray(base) ? patch.map(withoutDirectives) : mergedList(base, patch, key);
  }
  if (!isRecord(patch)) return patch;
  if (!isRecord(base) || patch["$patch"] === "replace") return withoutDirectives(patch);
  const merged: Record<string, unknown> = { ...base };
  for (const [field, change] of Object.entries(patch)) {
    if (change === null) delete merged[field];
    else if (field !== "$patch") merged[field] = strategicMerge(base[field], change, field);
  }
  return merged;
}

function mergedList(base: readonly unknown[], patch: readonly unknown[], key: string): unknown[] {
  const merged = [...base];
  for (const change of patch) {
    const at = merged.findIndex((item) => isRecord(item) && isRecord(change) && item[key] === change[key]);
    if (isRecord(change) && change["$patch"] === "delete") merged.splice(at, at === -1 ? 0 : 1);
    else if (at === -1) merged.push(withoutDirectives(change));
    else merged[at] = strategicMerge(merged[at], change);
  }
  return merged;
}

function withoutDirectives(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutDirectives);
  if (!isRecord(value)) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([field, part]) => field !== "$patch" && part !== null)
      .map(([field, part]) => [field, withoutDirectives(part)]),
  );
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
