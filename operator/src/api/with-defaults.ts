import { customResourceDefinition } from "./generated/custom-resource-definition.ts";
import type { JsonSchema } from "./json-schema.ts";

/**
 * The object with every default filled in as the API server does it: from the outside in, lists and maps included; null
 * counts as absent wherever the schema names the field, and stays inside of podPatch. For what runs without an API
 * server (render, validate, tests); nothing is validated.
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
