import type { JsonSchema } from "../../api/json-schema.ts";
import { nearest } from "./nearest.ts";

/**
 * The problems for fields that the schema does not have, one for each. A problem also names the field that the user
 * probably meant.
 */
export function unknownFields(value: unknown, schema: JsonSchema): string[] {
  const parentPaths = parentPathsOf(schema);
  return found(value, schema, "").map(
    ({ path, name, siblings }) => `${path}: unknown field${advice(name, siblings, parentPaths)}`,
  );
}

interface Unknown {
  path: string;
  name: string;
  siblings: string[];
}

function found(value: unknown, schema: JsonSchema, path: string): Unknown[] {
  const { properties, items, additionalProperties } = schema;
  if (Array.isArray(value))
    return items === undefined ? [] : value.flatMap((item, index) => found(item, items, `${path}[${index}]`));
  if (typeof value !== "object" || value === null || schema["x-kubernetes-preserve-unknown-fields"] === true) return [];
  return Object.entries(value).flatMap(([name, part]): Unknown[] => {
    const at = path === "" ? name : `${path}.${name}`;
    // The schema has no fields of metadata, so they cannot be checked.
    if (at === "metadata") return [];
    const field = properties?.[name] ?? additionalProperties;
    if (field !== undefined) return found(part, field, at);
    return properties === undefined ? [] : [{ path: at, name, siblings: Object.keys(properties) }];
  });
}

function advice(name: string, siblings: readonly string[], parentPaths: ReadonlyMap<string, string[]>): string {
  if (name.length > 64) return `: allowed here: ${siblings.join(", ")}`;
  const near = nearest(name, siblings);
  if (near !== undefined) return `: did you mean ${near}?`;
  const [parent, ...others] = parentPaths.get(name) ?? [];
  if (parent !== undefined && others.length === 0) return `: it belongs to ${parent}`;
  return `: allowed here: ${siblings.join(", ")}`;
}

/**
 * The parent paths of each field name in the spec. They serve to correct users, who often know a field's name but not
 * its parent.
 */
function parentPathsOf(
  schema: JsonSchema,
  path = "",
  parentPaths = new Map<string, string[]>(),
): Map<string, string[]> {
  for (const [name, field] of Object.entries(schema.properties ?? {})) {
    const at = path === "" ? name : `${path}.${name}`;
    if (path.startsWith("spec")) parentPaths.set(name, [...(parentPaths.get(name) ?? []), path]);
    if (at !== "status") parentPathsOf(field, at, parentPaths);
  }
  return parentPaths;
}
