import { customResourceDefinition } from "./generated/custom-resource-definition.ts";
import type { JsonSchema } from "./json-schema.ts";

/**
 * Fills in the schema's defaults as the API server does, for code that has no API server. It begins with the outermost
 * fields and validates nothing. It treats null as missing, except inside podPatch, which has no schema.
 */
export function withDefaults<T>(object: T): T {
  return filled(object, customResourceDefinition.spec.versions[0].schema.openAPIV3Schema) as T;
}

function filled(value: unknown, schema: JsonSchema): unknown {
  const { items, additionalProperties } = schema;
  if (Array.isArray(value)) return items === undefined ? value : value.map((item) => filled(item, items));
  if (typeof value !== "object" || value === null) return value;
  const copy = filledProperties({ ...value }, schema);
  if (additionalProperties === undefined) return copy;
  return Object.fromEntries(
    Object.entries(copy).flatMap(([name, part]) => (part === null ? [] : [[name, filled(part, additionalProperties)]])),
  );
}

function filledProperties(object: Record<string, unknown>, { properties = {} }: JsonSchema): Record<string, unknown> {
  for (const [name, field] of Object.entries(properties)) {
    const given = object[name] ?? structuredClone(field.default);
    if (given === undefined) delete object[name];
    else object[name] = filled(given, field);
  }
  return object;
}
