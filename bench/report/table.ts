import type { PartResult, Row } from "../parts/result.ts";

/** The peer every figure is a ratio to: bare Socket.IO, or with its Redis adapter where the work crosses nodes. */
export function yardstickOf(row: Row): string {
  return row.figures["bare"] === undefined ? "bare+redis" : "bare";
}

/** A part as a Markdown table: each peer's figure and, behind it, what it is of the yardstick's. */
export function markdownTable(part: PartResult): string {
  const peers = [...new Set(part.rows.flatMap((row) => Object.keys(row.figures)))];
  const lines = [
    `### ${part.title}`,
    "",
    `${capitalised(part.unit)}; ${part.better === "more" ? "more is better" : "less is better"}. In brackets: of the yardstick, ${yardstickOf(part.rows[0]!)}.`,
    "",
    `| work | in flight | ${peers.join(" | ")} |`,
    `|---|---|${peers.map(() => "--:").join("|")}|`,
  ];
  for (const row of part.rows) {
    const yardstick = row.figures[yardstickOf(row)]!;
    const cells = peers.map((peer) => cell(row.figures[peer], yardstick));
    lines.push(`| ${row.work} | ${row.inFlight} | ${cells.join(" | ")} |`);
  }
  return lines.join("\n");
}

function cell(figure: number | undefined, yardstick: number): string {
  if (figure === undefined) return "-";
  return `${rounded(figure)} (${yardstick === 0 ? "-" : (figure / yardstick).toFixed(2)})`;
}

function rounded(figure: number): string {
  if (figure >= 100) return Math.round(figure).toLocaleString("en");
  return figure >= 10 ? figure.toFixed(1) : figure.toFixed(2);
}

const capitalised = (text: string): string => text[0]!.toUpperCase() + text.slice(1);
