import { customResourceDefinition } from "../../api/generated/custom-resource-definition.ts";
import type { JsonSchema } from "../../api/json-schema.ts";
import type { RealtimeCluster, Spec } from "../../api/realtime-cluster.ts";
import { stableJson } from "../../manifests/shared/stable-hash.ts";

/** A generation of a cluster's spec that the operator sees for the first time. */
export interface SpecEdit {
  generation: number;
  /**
   * The changed fields with their class, like "[live] spec.limits.maxConnections". Undefined when the earlier spec is
   * not known: the cluster is new, or the edit was made while this operator was not leading.
   */
  fields?: readonly string[];
  /** The field manager that wrote last, for example "kubectl-edit". */
  by?: string;
}

/** What an earlier pass has seen. */
export interface SeenSpec {
  generation: number;
  spec: Spec;
}

/** The newest generation, if it is new to the operator. Undefined when an earlier pass has seen it. */
export function specEditOf(cluster: RealtimeCluster, seen: SeenSpec | undefined): SpecEdit | undefined {
  const { generation = 0, managedFields = [] } = cluster.metadata;
  if (generation === (seen?.generation ?? cluster.status?.observedGeneration)) return undefined;
  const by = managedFields[0]?.manager;
  return {
    generation,
    ...(seen === undefined ? {} : { fields: changedFields(seen.spec, cluster.spec) }),
    ...(by === undefined ? {} : { by }),
  };
}

const specSchema = customResourceDefinition.spec.versions[0].schema.openAPIV3Schema.properties?.["spec"] ?? {};

/** The outermost fields that differ. Lists and free-form fields count as one field. Values are left out. */
export function changedFields(before: Spec, after: Spec): string[] {
  return differences(before, after, { path: "spec", schema: specSchema, fieldClass: "" });
}

interface Place {
  path: string;
  schema: JsonSchema;
  fieldClass: string;
}

function differences(before: unknown, after: unknown, { path, schema, fieldClass }: Place): string[] {
  if (stableJson(before) === stableJson(after)) return [];
  const ownClass = /^\[\w+\]/.exec(schema.description ?? "")?.[0] ?? fieldClass;
  const { properties } = schema;
  if (properties === undefined || !isObject(before) || !isObject(after)) return [`${ownClass} ${path}`.trim()];
  return Object.entries(properties).flatMap(([name, inner]) =>
    differences(before[name], after[name], { path: `${path}.${name}`, schema: inner, fieldClass: ownClass }),
  );
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
