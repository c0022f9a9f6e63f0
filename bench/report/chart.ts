import type { PartResult } from "../measure/result.ts";
import { divisorOf } from "./table.ts";

const BAR_HEIGHT = 14;
const ROW_GAP = 18;
const LABEL_WIDTH = 320;
const CHART_WIDTH = 520;
const COLOURS: Record<string, string> = {
  floor: "#9aa5b1",
  bare: "#d0743c",
  "bare+redis": "#e3a77f",
  fanout: "#2f7fb8",
  "fanout+redis": "#2f7fb8",
  gateway: "#1b4f72",
  "gateway+redis": "#1b4f72",
  centrifugo: "#5b8c5a",
  "centrifugo+redis": "#5b8c5a",
};

/**
 * Draws a part of the benchmark as a bar chart, with one group of bars per row. The length of a bar is the figure
 * divided by the figure of the reference server (bare Socket.IO, see table.ts). Undefined when no row has a reference.
 */
export function svgChart(part: PartResult): string | undefined {
  const rows = part.rows.flatMap((row) => {
    const yardstick = divisorOf(row);
    return yardstick === undefined ? [] : [{ ...row, yardstick }];
  });
  if (rows.length === 0) return undefined;
  const largest = Math.max(
    ...rows.flatMap((row) => Object.values(row.figures).map((figure) => figure / row.yardstick)),
  );
  const body: string[] = [];
  let y = 56;
  for (const row of rows) {
    const peers = Object.entries(row.figures);
    body.push(text(LABEL_WIDTH - 10, y + (peers.length * BAR_HEIGHT) / 2 + 4, row.work, "end"));
    for (const [peer, figure] of peers) {
      const ratio = figure / row.yardstick;
      const width = Math.max(1, (ratio / largest) * CHART_WIDTH);
      body.push(
        `<rect x="${LABEL_WIDTH}" y="${y}" width="${width.toFixed(1)}" height="${BAR_HEIGHT - 2}" fill="${COLOURS[peer] ?? "#555"}"/>`,
      );
      body.push(text(LABEL_WIDTH + width + 5, y + BAR_HEIGHT - 4, `${ratio.toFixed(2)} ${peer}`, "start"));
      y += BAR_HEIGHT;
    }
    y += ROW_GAP;
  }
  const width = LABEL_WIDTH + CHART_WIDTH + 130;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${y}" font-family="sans-serif" font-size="11" fill="#222">`,
    `<rect width="${width}" height="${y}" fill="#fff"/>`,
    `<text x="10" y="20" font-size="15" font-weight="bold">${escaped(part.title)}</text>`,
    text(10, 38, `${part.unit}, as multiples of the yardstick (1.00); ${part.better} is better`, "start"),
    ...body,
    "</svg>",
    "",
  ].join("\n");
}

function text(x: number, y: number, content: string, anchor: "start" | "end"): string {
  return `<text x="${x.toFixed(1)}" y="${y.toFixed(1)}" text-anchor="${anchor}">${escaped(content)}</text>`;
}

const escaped = (content: string): string => content.replaceAll("&", "&amp;").replaceAll("<", "&lt;");
