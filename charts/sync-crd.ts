// Copies crds/realtimeclusters.yaml into the chart, because Helm cannot read files outside of a chart. With --check it
// writes nothing and fails if the copy is out of date.
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

const root = dirname(import.meta.dirname);
const source = "crds/realtimeclusters.yaml";
const copy = "charts/realtime-operator/files/crd.yaml";

const wanted = readFileSync(join(root, source), "utf8");
if (!process.argv.includes("--check")) {
  mkdirSync(dirname(join(root, copy)), { recursive: true });
  writeFileSync(join(root, copy), wanted);
} else if (readOrEmpty(join(root, copy)) !== wanted) {
  process.stderr.write(`${copy} differs from ${source}: run "make generate"\n`);
  process.exitCode = 1;
}

function readOrEmpty(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}
