/**
 * How server-side apply merges a value: member by member (granular), as a whole (atomic), as a set, or as a list whose
 * items are identified by these keys. The tables below contain the fields of this project's objects, by field name. As
 * in Kubernetes' schemas, the default is atomic for a list and granular for an object.
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
// A name that ends in "[]" stands for the items of the list with this name.
const atomicObjects = new Set([
  "ownerReferences[]",
  "imagePullSecrets[]",
  "selector",
  "labelSelector",
  "podSelector",
  "namespaceSelector",
  "nodeSelector",
  // This field of a nodeAffinity is an object (a NodeSelector). The field of the same name in a podAffinity is a list.
  "requiredDuringSchedulingIgnoredDuringExecution",
  "secretKeyRef",
  "configMapKeyRef",
  "fieldRef",
  "resourceFieldRef",
]);

/** How server-side apply merges this field. */
export function shapeOf(field: string, value: unknown): Shape {
  if (!Array.isArray(value)) return isObject(value) && !atomicObjects.has(field) ? "granular" : "atomic";
  if (sets.has(field)) return "set";
  // The ports of a container and the ports of a Service have the same field name, but different keys.
  if (field === "ports" && value.every(isObject))
    return value.some((port) => "containerPort" in port) ? ["containerPort", "protocol"] : ["port", "protocol"];
  return (value.every(isObject) && listKeys[field]) || "atomic";
}

/** The path step of a list item, as in managedFields: the item's key fields and their values. */
export function itemKey(keys: readonly string[], item: Record<string, unknown>): string {
  const defaults: Record<string, unknown> = { protocol: "TCP" };
  return `k:${JSON.stringify(Object.fromEntries(keys.map((key) => [key, item[key] ?? defaults[key]])))}`;
}

/** The name of the field that this path step leads to, starting from `field`. */
export function fieldAfter(step: string, field: string): string {
  return step.startsWith("f:") ? step.slice(2) : `${field}[]`;
}

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
