// Derives the types of the custom resource from crds/realtimeclusters.yaml. With --check it writes nothing, and fails
// when a file is out of date. The types describe what the API server returns, with all defaults.
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { compile, type JSONSchema } from "json-schema-to-typescript";
import { parse } from "yaml";
import type { CustomResourceDefinition, JsonSchema } from "./json-schema.ts";

const root = join(import.meta.dirname, "../../..");
const source = "crds/realtimeclusters.yaml";
const target = "operator/src/api/generated/realtime-cluster.ts";
const definition = "operator/src/api/generated/custom-resource-definition.ts";

const crd = parse(readFileSync(join(root, source), "utf8")) as CustomResourceDefinition;
const properties = crd.spec.versions[0].schema.openAPIV3Schema.properties;
const spec = properties?.["spec"];
const status = properties?.["status"];
if (spec === undefined || status === undefined)
  throw new Error(`${source}: spec.versions[0] has no schema of spec and status`);

const banner = `// Made from ${source} by "make generate": edit that file instead.`;
const render = (schema: JsonSchema, name: string) =>
  compile(withDefaultsRequired(schema) as JSONSchema, name, {
    additionalProperties: false,
    bannerComment: "",
    format: true,
    style: { printWidth: 160 },
  });
const outputs: Record<string, string> = {
  [target]: `${banner}\n${await render(spec, "RealtimeClusterSpec")}\n${await render(status, "RealtimeClusterStatus")}`,
  // The bundled program has no copy of the YAML file. Commands that validate without an API server use this TypeScript
  // copy.
  [definition]: `${banner}\nimport type { CustomResourceDefinition } from "../json-schema.ts";\n\nexport const customResourceDefinition: CustomResourceDefinition = ${JSON.stringify(crd, undefined, 1)};\n`,
};

for (const [path, text] of Object.entries(outputs)) {
  if (!process.argv.includes("--check")) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  } else if (readOrEmpty(join(root, path)) !== text) {
    process.stderr.write(`${path} differs from ${source}: run "make generate"\n`);
    process.exitCode = 1;
  }
}

/**
 * The API server always fills in a field that has a default, so the field's type is not optional. Extensions
 * (x-kubernetes-...) and formats of the schema have no equivalent in TypeScript.
 */
function withDefaultsRequired(schema: JsonSchema): JsonSchema {
  const { properties: fields, items, additionalProperties, required = [], ...rest } = schema;
  const kept = Object.fromEntries(
    Object.entries(rest).filter(([key]) => ["type", "description", "enum", "anyOf"].includes(key)),
  ) as JsonSchema;
  if (schema["x-kubernetes-preserve-unknown-fields"] === true) kept["additionalProperties"] = {};
  if (items !== undefined) kept.items = withDefaultsRequired(items);
  if (additionalProperties !== undefined) kept.additionalProperties = withDefaultsRequired(additionalProperties);
  if (fields === undefined) return kept;
  kept.properties = Object.fromEntries(
    Object.entries(fields).map(([name, field]) => [name, withDefaultsRequired(field)]),
  );
  const filled = Object.entries(fields).filter(([, field]) => field.default !== undefined);
  kept.required = [...new Set([...required, ...filled.map(([name]) => name)])];
  return kept;
}

function readOrEmpty(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}
