import type { JsonSchema } from "../../api/json-schema.ts";
import { rulesOf } from "./rules.ts";

/**
 * Violations of the schema's CEL rules and list types. As in the API server, a value is checked for them only if its
 * types match the schema.
 */
export function ruleProblems(value: unknown, schema: JsonSchema, path = ""): string[] {
  const own = rulesOf(schema)
    .filter(({ holds }) => !holds(value))
    .map(({ message, fieldPath }) => `${at(path, fieldPath)}: ${message}`);
  return [...own, ...duplicates(value, schema, path), ...childProblems(value, schema, path)];
}

function childProblems(
  value: unknown,
  { properties, items, additionalProperties }: JsonSchema,
  path: string,
): string[] {
  if (Array.isArray(value))
    return items === undefined ? [] : value.flatMap((item, index) => ruleProblems(item, items, `${path}[${index}]`));
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([name, part]) => {
    const field = properties?.[name] ?? additionalProperties;
    return field === undefined ? [] : ruleProblems(part, field, path === "" ? name : `${path}.${name}`);
  });
}

function duplicates(value: unknown, schema: JsonSchema, path: string): string[] {
  if (!Array.isArray(value)) return [];
  const type = schema["x-kubernetes-list-type"];
  const keys = (schema["x-kubernetes-list-map-keys"] ?? []) as string[];
  if (type !== "set" && type !== "map") return [];
  const identities = value.map((item: unknown) =>
    JSON.stringify(type === "set" ? item : keys.map((key) => (item as Record<string, unknown>)[key])),
  );
  return identities.flatMap((identity, index) =>
    identities.indexOf(identity) < index ? [`${path}[${index}]: is a duplicate: remove one of the two`] : [],
  );
}

/**
 * The path of the field that a message begins with. Only the rule about the name is a rule of the whole object, so an
 * empty path becomes metadata.name.
 */
function at(path: string, fieldPath: string): string {
  const whole = `${path}${fieldPath}`;
  return whole === "" ? "metadata.name" : whole;
}
