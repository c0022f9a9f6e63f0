import { existsSync } from "node:fs";
import { join } from "node:path";

/** Path of a program that child processes run. In a clone, it is a source file. In an installation, it is bundled. */
export function childProgram(name: "end-with-parent" | "kill-with-parent"): string {
  const source = join(import.meta.dirname, `${name}.ts`);
  return existsSync(source) ? source : join(import.meta.dirname, `${name}.mjs`);
}
