// Writes docs/resource.md from crds/realtimeclusters.yaml. The page has every field with its class, type, bounds and
// default, and every rule that concerns more than one field. With --check it writes nothing, and fails when the page is
// out of date.
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import type { CustomResourceDefinition, JsonSchema } from "./json-schema.ts";

const root = join(import.meta.dirname, "../../..");
const source = "crds/realtimeclusters.yaml";
const target = "docs/resource.md";

const crd = parse(readFileSync(join(root, source), "utf8")) as CustomResourceDefinition;
const schema = crd.spec.versions[0].schema.openAPIV3Schema;

interface Row {
  path: string;
  schema: JsonSchema;
  isRequired: boolean;
}

/** All fields inside a schema. A parent comes before its children. */
function rowsOf(parent: JsonSchema, path: string): Row[] {
  return Object.entries(parent.properties ?? {}).flatMap(([name, field]): Row[] => {
    const here = `${path}.${name}`;
    const isRequired = parent.required?.includes(name) === true;
    return [
      { path: here, schema: field, isRequired },
      ...rowsOf(field, here),
      ...rowsOf(field.items ?? {}, `${here}[]`),
    ];
  });
}

function typeOf({ type, enum: values, items, additionalProperties, ...rest }: JsonSchema): string {
  if (values !== undefined) return values.map((value) => `\`${String(value)}\``).join(", ");
  if (rest["x-kubernetes-int-or-string"] === true) return "quantity";
  if (type === "array")
    return items?.properties !== undefined || items?.type === "object"
      ? "list of objects"
      : `list of ${typeOf(items ?? {})}`;
  if (additionalProperties !== undefined) return `map of ${typeOf(additionalProperties)}`;
  return type ?? "any";
}

function boundsOf(field: JsonSchema): string {
  const range = (least: unknown, most: unknown, unit: string): string[] => {
    if (typeof least !== "number") return typeof most === "number" ? [`at most ${most}${unit}`] : [];
    return [typeof most === "number" ? `${least} to ${most}${unit}` : `at least ${least}${unit}`];
  };
  const { minimum, maximum, minLength, maxLength, minItems, maxItems, minProperties, maxProperties } = field;
  const isPlain = field.enum === undefined && field["x-kubernetes-int-or-string"] !== true;
  return [
    ...range(minimum, maximum, ""),
    ...(isPlain ? range(minLength, maxLength, " characters") : []),
    ...range(minItems, maxItems, " items"),
    ...range(minProperties, maxProperties, " entries"),
  ].join(", ");
}

function cellsOf({ path, schema: field, isRequired }: Row): string[] {
  const [, fieldClass = "", text = ""] = /^(?:\[(\w+)\] )?(.*)$/s.exec(field.description ?? "") ?? [];
  const shown = field.default === undefined ? (isRequired ? "required" : "") : `\`${JSON.stringify(field.default)}\``;
  const allowed = [typeOf(field), boundsOf(field)].filter(Boolean).join("; ");
  return [`\`${path}\``, fieldClass, allowed, shown, text].map((cell) => cell.replaceAll("|", "\\|"));
}

function table(header: readonly string[], rows: readonly string[][]): string {
  return [header, header.map(() => "---"), ...rows].map((cells) => `| ${cells.join(" | ")} |`).join("\n");
}

function messagesOf(field: JsonSchema): string[] {
  const rules = (field["x-kubernetes-validations"] ?? []) as { message: string }[];
  return [
    ...rules.map(({ message }) => message),
    ...Object.values(field.properties ?? {}).flatMap(messagesOf),
    ...(field.items === undefined ? [] : messagesOf(field.items)),
  ];
}

const { spec = {}, status = {} } = schema.properties ?? {};
const header = ["field", "class", "values", "default", ""];
const sections = Object.entries(spec.properties ?? {}).filter(([, field]) => field.properties !== undefined);
const plain = rowsOf(spec, "spec").filter(
  ({ path }) => !sections.some(([name]) => path === `spec.${name}` || path.startsWith(`spec.${name}.`)),
);

const text = `<!-- Made from ${source} by "make generate": edit that file instead. -->
# The resource

\`RealtimeCluster\`, \`realtime.dev/v1beta1\`, namespaced, short name \`rtc\`. \`kubectl explain rtc.spec --recursive\` shows the same text.
[examples/](../examples) has a file for each way to use the resource. [examples/full](../examples/full/cluster.yaml) has every field.

## Classes

Each field has a class. It says what an edit of the field does to a running fleet:

${table(
  ["class", "an edit"],
  [
    ["live", "reaches running pods within seconds. No pod restarts, no connection closes."],
    [
      "rolling",
      "replaces pods one after another. Each pod moves its connections at the rate of \`spec.drain.connectionsPerSecond\`.",
    ],
    ["cluster", "changes objects around the pods and leaves the pods alone."],
    ["immutable", "is refused."],
  ],
)}

## Fields

${table(header, plain.map(cellsOf))}
${sections.map(([name, field]) => `\n### spec.${name}\n\n${cellsOf({ path: "", schema: field, isRequired: false })[4] ?? ""}\n\n${table(header, rowsOf(field, `spec.${name}`).map(cellsOf))}\n`).join("")}
## What is refused

The API server also refuses a resource that breaks one of these rules. The message names the field and the fix:

${[...new Set(messagesOf(schema))].map((message) => `- ${message}`).join("\n")}

A schema cannot find every mistake, for example a missing Secret. The API server accepts such a resource, and the operator then sets the condition \`ConfigurationAccepted\` to False.

## podPatch

Use \`podPatch\` for everything that has no field of its own: nodes, sidecars, variables, volumes. The operator merges it into the
gateway's pod template, as \`kubectl patch --type=strategic\` would:

- Maps are merged, and \`null\` removes a key.
- Containers, variables, volumes and other lists whose items have a name are merged by this name.
- \`$patch: delete\` removes an item. \`$patch: replace\` replaces the whole map or list. \`$retainKeys\` changes the kind of a volume.

The container \`gateway\` and its image must stay, and so must the labels by which the Deployment selects its pods. After an upgrade of
the operator, check that your patch still fits. \`spec.redis.managed.podPatch\` does the same for Redis, whose container is named \`redis\`.

\`\`\`yaml
podPatch:
  spec:
    priorityClassName: realtime
    containers:
      - name: gateway
        env: [{ name: LOG_LEVEL, value: debug }]
\`\`\`

## Status

${table(
  ["field", "type", ""],
  rowsOf(status, "status").map((row) => [0, 2, 4].map((index) => cellsOf(row)[index] ?? "")),
)}
`;

if (!process.argv.includes("--check")) {
  writeFileSync(join(root, target), text);
} else if (readFileSync(join(root, target), "utf8") !== text) {
  process.stderr.write(`${target} differs from ${source}: run "make generate"\n`);
  process.exitCode = 1;
}
