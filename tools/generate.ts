// Runs all generators of files. With --check they write nothing and fail if a generated file is out of date.
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";

const generators = [
  "operator/src/api/generate.ts",
  "operator/src/api/generate-reference.ts",
  "operator/src/cli/plan/generate-scaling.ts",
  "charts/sync-crd.ts",
  "charts/generate-readme.ts",
  "charts/generate-dashboard.ts",
];
const flags = process.argv.slice(2);

for (const generator of generators) {
  if (!existsSync(generator)) throw new Error(`${generator} is missing: it is listed in tools/generate.ts`);
  const { status } = spawnSync(process.execPath, [generator, ...flags], { stdio: "inherit" });
  if (status !== 0) {
    process.stderr.write(`${generator} ${flags.join(" ")}: failed. Run "make generate" and commit the result.\n`);
    process.exitCode = 1;
  }
}
