import { mkdir, readFile, writeFile } from "node:fs/promises";
import type { PartResult } from "../measure/result.ts";
import { svgChart } from "./chart.ts";
import { markdownTable } from "./table.ts";
import { targetTable } from "./targets.ts";

const FOLDER = new URL("../../docs/performance/", import.meta.url);
const PAGE = new URL("../../docs/performance.md", import.meta.url);
const START = "<!-- results: written by make bench -->";
const END = "<!-- end of results -->";

export interface Results {
  machine: string;
  parts: Record<string, PartResult & { measuredAt: string }>;
}

/**
 * Merges these results with those of earlier runs. Writes the raw figures, the charts, and the tables in
 * docs/performance.md.
 */
export async function save(machine: string, measuredAt: string, parts: Record<string, PartResult>): Promise<void> {
  await mkdir(FOLDER, { recursive: true });
  const file = new URL("results.json", FOLDER);
  const earlier = await readFile(file, "utf8").then(
    (json) => JSON.parse(json) as Results,
    () => ({ machine, parts: {} }),
  );
  const results: Results = { machine, parts: earlier.parts };
  for (const [name, part] of Object.entries(parts)) {
    results.parts[name] = { ...part, measuredAt };
    const chart = svgChart(part);
    if (chart !== undefined) await writeFile(new URL(`${name}.svg`, FOLDER), chart);
  }
  await writeFile(file, JSON.stringify(results, undefined, 1) + "\n");
  const page = await readFile(PAGE, "utf8");
  const [head, rest] = page.split(START) as [string, string];
  await writeFile(PAGE, `${head}${START}\n\n${section(results)}\n\n${END}${rest.split(END)[1]}`);
}

function section({ machine, parts }: Results): string {
  const tables = Object.entries(parts).map(([name, part]) =>
    [
      markdownTable(part),
      ...(svgChart(part) === undefined ? [] : [`![${part.title}](performance/${name}.svg)`]),
      `Measured ${part.measuredAt}.`,
    ].join("\n\n"),
  );
  return [`Machine: ${machine}.`, "## Targets", targetTable(parts), "## Figures", ...tables].join("\n\n");
}
