import type { JsonSchema } from "../../api/json-schema.ts";
import { nearest } from "./nearest.ts";

/** "spec.limits.maxConections: …" for each field that the schema does not have, with the field that was probably meant. */
export function unknownFields(value: unknown, schema: JsonSchema): string[] {
  const homes = homesOf(schema);
  return found(value, schema, "").map(
    ({ path, name, siblings }) => `${path}: there is no such field${advice(name, siblings, homes)}`,
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
    // Of metadata the schema says nothing: its fields are Kubernetes' own.
    if (at === "metadata") return [];
    const field = properties?.[name] ?? additionalProperties;
    if (field !== undefined) return found(part, field, at);
    return properties === undefined ? [] : [{ path: at, name, siblings: Object.keys(properties) }];
  });
}

function advice(name: string, siblings: readonly string[], homes: ReadonlyMap<string, string[]>): string {
  if (name.length > 64) return `: it may hold ${siblings.join(", ")}`;
  const near = nearest(name, siblings);
  if (near !== undefined) return `: did you mean ${near}?`;
  const [home, ...others] = homes.get(name) ?? [];
  if (home !== undefined && others.length === 0) return `: it belongs to ${home}`;
  return `: there is ${siblings.join(", ")}`;
}

/** Where each name of a field stands in the spec: whoever knows the name has forgotten the branch. */
function homesOf(schema: JsonSchema, path = "", homes = new Map<string, string[]>()): Map<string, string[]> {
  for (const [name, field] of Object.entries(schema.properties ?? {})) {
    const at = path === "" ? name : `${path}.${name}`;
    if (path.startsWith("spec")) homes.set(name, [...(homes.get(name) ?? []), path]);
    if (at !== "status") homesOf(field, at, homes);
  }
  return homes;
}
