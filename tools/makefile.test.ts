import { expect, test } from "@jest/globals";
import { execFileSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const repository = join(import.meta.dirname, "..");
const workspaces = ["operator", "server", "lab", "testkit", "client", "sdk", "examples/case-desk"];

/** The commands that `make status` would run in a clone whose folder node_modules has these files. */
function commandsWith(files: readonly string[]): string {
  const clone = mkdtempSync(join(tmpdir(), "makefile-"));
  try {
    const packages = ["package.json", ...workspaces.map((folder) => join(folder, "package.json"))];
    for (const file of ["Makefile", "package-lock.json", ...packages])
      cpSync(join(repository, file), join(clone, file), { preserveTimestamps: true });
    mkdirSync(join(clone, "node_modules"));
    for (const file of files) writeFileSync(join(clone, "node_modules", file), "{}");
    return execFileSync("make", ["-n", "status"], { cwd: clone, encoding: "utf8" });
  } finally {
    rmSync(clone, { recursive: true });
  }
}

test("make installs the packages again when an installation was interrupted", () => {
  expect(commandsWith(["half-a-package"])).toContain("install-node-modules.sh");
});

test("make installs no packages when they are complete", () => {
  expect(commandsWith([".package-lock.json"])).not.toContain("install-node-modules.sh");
});
