import { customResourceDefinition } from "./generated/custom-resource-definition.ts";
import type { JsonSchema } from "./json-schema.ts";

/**
 * The object with every default filled in as the API server does it: from the outside in, lists and maps included, null taken
 * for absent where there is a default. For what runs without an API server (render, validate, tests); nothing is validated.
 */
export function withDefaults<T>(object: T): T {
  return filled(object, customResourceDefinition.spec.versions[0].schema.openAPIV3Schema) as T;
}

function filled(value: unknown, schema: JsonSchema): unknown {
  if (Array.isArray(value)) return schema.items === undefined ? value : value.map((item) => filled(item, schema.items ?? {}));
  if (typeof value !== "object" || value === null) return value;
  const copy: Record<string, unknown> = { ...value };
  for (const [name, field] of Object.entries(schema.properties ?? {})) {
    if ((copy[name] === undefined || copy[name] === null) && field.default !== undefined) copy[name] = structuredClone(field.default);
    if (copy[name] !== undefined) copy[name] = filled(copy[name], field);
  }
  if (schema.additionalProperties !== undefined) {
    for (const name of Object.keys(copy)) copy[name] = filled(copy[name], schema.additionalProperties);
  }
  return copy;
}
