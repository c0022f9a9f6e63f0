// Draws the chart of docs/moves.md from the figures of a run: node e2e/chaos/draw-chart.ts chaos.json docs/moves.svg
import { readFileSync, writeFileSync } from "node:fs";
import { chaosChart } from "./chaos-chart.ts";
import type { ChaosResult } from "./chaos-result.ts";

const [from, to] = process.argv.slice(2);
if (from === undefined || to === undefined)
  throw new Error("usage: node e2e/chaos/draw-chart.ts FIGURES.json CHART.svg");
writeFileSync(to, chaosChart(JSON.parse(readFileSync(from, "utf8")) as ChaosResult));
