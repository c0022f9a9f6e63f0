// The chart carries a copy of the CRD, because Helm reads no file outside of a chart. crds/realtimeclusters.yaml is the
// source; with --check a difference is an error and nothing is written.
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
