import { readFileSync, writeFileSync } from "node:fs";
import { cpus, release, totalmem } from "node:os";

/** Records one figure of the benchmark. `what` is its name, and `value` contains the unit. */
export type Figure = (what: string, value: string) => void;

export const say = (text: string) => process.stderr.write(`${text}\n`);

export function spread(milliseconds: readonly number[]): string {
  const sorted = [...milliseconds].sort((a, b) => a - b);
  const at = (share: number) => Math.round(sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))]!);
  return `p50 ${at(0.5)} ms, p99 ${at(0.99)} ms, most ${at(1)} ms`;
}

/** Replaces a table in docs/operator-performance.md: the text between this command's marker and the next heading. */
export function writeFigures(command: string, where: string, rows: readonly (readonly [string, string])[]): void {
  const page = new URL("../../docs/operator-performance.md", import.meta.url);
  const mark = `<!-- figures: written by ${command} -->`;
  const [head = "", tail] = readFileSync(page, "utf8").split(mark);
  if (tail === undefined) throw new Error(`docs/operator-performance.md has no ${mark}`);
  const machine = `Machine: ${cpus().length} × ${cpus()[0]!.model}, ${Math.round(totalmem() / 2 ** 30)} GiB, Linux ${release()}, Node ${process.version}; ${where}. Measured ${new Date().toISOString().slice(0, 16).replace("T", " ")} UTC.`;
  const next = tail.indexOf("\n## ");
  const table = ["| figure | |", "|---|--:|", ...rows.map(([what, value]) => `| ${what} | ${value} |`)];
  writeFileSync(
    page,
    [`${head}${mark}`, "", machine, "", ...table, ""].join("\n") + (next === -1 ? "" : tail.slice(next)),
  );
}
