/**
 * How server-side apply looks at a value, by the name of the field it stands in: as Kubernetes' schema declares it for the
 * fields that this project's objects have. A list that is not named here is atomic, as it is by default there; an object that is
 * not named is granular.
 */
export type Shape = "granular" | "atomic" | "set" | readonly string[];

const listKeys: Record<string, readonly string[]> = {
  conditions: ["type"],
  containers: ["name"],
  env: ["name"],
  ephemeralContainers: ["name"],
  hostAliases: ["ip"],
  imagePullSecrets: ["name"],
  initContainers: ["name"],
  ownerReferences: ["uid"],
  topologySpreadConstraints: ["topologyKey", "whenUnsatisfiable"],
  volumeDevices: ["devicePath"],
  volumeMounts: ["mountPath"],
  volumes: ["name"],
};

const sets = new Set(["finalizers"]);
// "[]" is an item of the list.
const atomicObjects = new Set([
  "ownerReferences[]",
  "imagePullSecrets[]",
  "selector",
  "labelSelector",
  "podSelector",
  "namespaceSelector",
  "nodeSelector",
  "secretKeyRef",
  "configMapKeyRef",
  "fieldRef",
  "resourceFieldRef",
]);

/** A list's keys where it is associative. */
export function shapeOf(field: string, value: unknown): Shape {
  if (!Array.isArray(value)) return isObject(value) && !atomicObjects.has(field) ? "granular" : "atomic";
  if (sets.has(field)) return "set";
  // The ports of a container and of a Service have one name and two keys.
  if (field === "ports" && value.every(isObject))
    return value.some((port) => "containerPort" in port) ? ["containerPort", "protocol"] : ["port", "protocol"];
  return (value.every(isObject) && listKeys[field]) || "atomic";
}

/** What tells an item of an associative list from its neighbours, as managedFields spells it. */
export function itemKey(keys: readonly string[], item: Record<string, unknown>): string {
  const defaults: Record<string, unknown> = { protocol: "TCP" };
  return `k:${JSON.stringify(Object.fromEntries(keys.map((key) => [key, item[key] ?? defaults[key]])))}`;
}

/** The name of what a step leads to, from the name of what it leads out of. */
export function fieldAfter(step: string, field: string): string {
  return step.startsWith("f:") ? step.slice(2) : `${field}[]`;
}

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
