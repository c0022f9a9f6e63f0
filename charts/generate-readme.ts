// Writes the chart's README.md from README.template.md. The table of values comes from the comments in values.yaml that
// begin with "# --". With --check it writes nothing and fails if README.md is out of date.
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { isMap, isScalar, parseDocument, type YAMLMap } from "yaml";

const chart = join(import.meta.dirname, "realtime-operator");

interface Row {
  readonly path: string;
  readonly value: string;
  readonly description: string;
}

/**
 * One table row for each documented key, in the order of values.yaml. Throws for a value that has no "# --" comment.
 */
function rowsOf(map: YAMLMap, prefix: string, firstComment: string): Row[] {
  return map.items.flatMap((item, index): Row[] => {
    const pair = item;
    if (!isScalar(pair.key)) throw new Error(`values.yaml: ${prefix} has a key that is not a word`);
    const path = prefix + String(pair.key.value);
    const comment = [index === 0 ? firstComment : "", pair.key.commentBefore ?? ""].join("\n");
    const description = comment
      .split("\n")
      .map((line) => /^ ?-- (.*)/.exec(line)?.[1])
      .findLast((line) => line !== undefined);
    if (description !== undefined) return [{ path, value: shown(pair.value), description }];
    if (!isMap(pair.value)) throw new Error(`values.yaml: ${path} has no comment that begins with "# --"`);
    return rowsOf(pair.value, `${path}.`, pair.value.commentBefore ?? "");
  });
}

function shown(value: unknown): string {
  const plain =
    value !== null && typeof value === "object" && "toJSON" in value
      ? (value as { toJSON(): unknown }).toJSON()
      : value;
  return `\`${JSON.stringify(plain)}\``;
}

const values = parseDocument(readFileSync(join(chart, "values.yaml"), "utf8")).contents;
if (!isMap(values)) throw new Error("values.yaml is not a map");
const rows = rowsOf(values, "", values.commentBefore ?? "");
const table = [
  "| value | default | |",
  "|---|---|---|",
  ...rows.map((row) => `| \`${row.path}\` | ${row.value} | ${row.description} |`),
].join("\n");

const wanted = readFileSync(join(chart, "README.template.md"), "utf8").replace("{{values}}", () => table);
const target = join(chart, "README.md");
if (!process.argv.includes("--check")) {
  writeFileSync(target, wanted);
} else if (readFileSync(target, "utf8") !== wanted) {
  process.stderr.write(
    'charts/realtime-operator/README.md differs from values.yaml and README.template.md: run "make generate"\n',
  );
  process.exitCode = 1;
}
