/**
 * How server-side apply merges a value. The tables map the names of fields to shapes, and contain only fields of this
 * project's objects. As in Kubernetes' schemas, a list that is not in the tables is atomic, and an object that is not
 * in them is granular.
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
// The name "[]" means an item of a list.
const atomicObjects = new Set([
  "ownerReferences[]",
  "imagePullSecrets[]",
  "selector",
  "labelSelector",
  "podSelector",
  "namespaceSelector",
  "nodeSelector",
  // The field in a nodeAffinity is a NodeSelector, an object. The fields of the same name in a podAffinity are lists.
  "requiredDuringSchedulingIgnoredDuringExecution",
  "secretKeyRef",
  "configMapKeyRef",
  "fieldRef",
  "resourceFieldRef",
]);

/** The keys of an associative list. */
export function shapeOf(field: string, value: unknown): Shape {
  if (!Array.isArray(value)) return isObject(value) && !atomicObjects.has(field) ? "granular" : "atomic";
  if (sets.has(field)) return "set";
  // The ports of a container and the ports of a Service have the same field name, but different keys.
  if (field === "ports" && value.every(isObject))
    return value.some((port) => "containerPort" in port) ? ["containerPort", "protocol"] : ["port", "protocol"];
  return (value.every(isObject) && listKeys[field]) || "atomic";
}

/** The identity of an item of an associative list, as in managedFields. */
export function itemKey(keys: readonly string[], item: Record<string, unknown>): string {
  const defaults: Record<string, unknown> = { protocol: "TCP" };
  return `k:${JSON.stringify(Object.fromEntries(keys.map((key) => [key, item[key] ?? defaults[key]])))}`;
}

/** The field name after a path step from this field. */
export function fieldAfter(step: string, field: string): string {
  return step.startsWith("f:") ? step.slice(2) : `${field}[]`;
}

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
