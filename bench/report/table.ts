import type { PartResult, Row } from "../measure/result.ts";

/**
 * The peers to which figures are ratios: bare Socket.IO, for work across nodes bare Socket.IO with its Redis adapter,
 * for events of the application what the row names, and for drains the rate of spec.drain.
 */
const YARDSTICKS = ["bare", "bare+redis", "yardstick", "rate"];

export function yardstickOf(row: Row): string {
  return YARDSTICKS.find((peer) => row.figures[peer] !== undefined) ?? "bare";
}

/**
 * The figure of the reference server in this row. Undefined when that server was not measured, or its figure is zero.
 */
export function divisorOf(row: Row): number | undefined {
  return row.figures[yardstickOf(row)] || undefined;
}

/** A part of the benchmark as a Markdown table: each server's figure, followed by its ratio to the reference server. */
export function markdownTable(part: PartResult): string {
  const peers = [...new Set(part.rows.flatMap((row) => Object.keys(row.figures)))];
  const compared = part.rows.find((row) => divisorOf(row) !== undefined);
  const yardstick = compared && yardstickOf(compared);
  const lines = [
    `### ${part.title}`,
    "",
    `${capitalised(part.unit)}; ${part.better === "more" ? "more is better" : "less is better"}.${yardstick === undefined ? "" : ` In brackets: the ratio to ${yardstick}.`}`,
    "",
    `| work | in flight | ${peers.join(" | ")} |`,
    `|---|---|${peers.map(() => "--:").join("|")}|`,
  ];
  for (const row of part.rows) {
    const cells = peers.map((peer) => cell(row.figures[peer], divisorOf(row)));
    lines.push(`| ${row.work} | ${row.inFlight} | ${cells.join(" | ")} |`);
  }
  if (part.footnote !== undefined) lines.push("", part.footnote);
  return lines.join("\n");
}

function cell(figure: number | undefined, divisor: number | undefined): string {
  if (figure === undefined) return "-";
  return divisor === undefined ? rounded(figure) : `${rounded(figure)} (${(figure / divisor).toFixed(2)})`;
}

function rounded(figure: number): string {
  if (Number.isInteger(figure) && figure < 100) return String(figure);
  if (figure >= 100) return Math.round(figure).toLocaleString("en");
  return figure >= 10 ? figure.toFixed(1) : figure.toFixed(2);
}

const capitalised = (text: string): string => text[0]!.toUpperCase() + text.slice(1);
