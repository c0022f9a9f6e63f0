import type { ChaosResult, Outcome, Sample } from "./chaos-result.ts";

const WIDTH = 900;
const LEFT = 70;
const PANEL_HEIGHT = 90;
const PANEL_GAP = 36;
/** Seconds that the chart shows before the fault. */
const BEFORE_SECONDS = 5;
const COLOURS = ["#1b4f72", "#2f7fb8", "#d0743c", "#7a9a3a", "#8e5ea2", "#c0a020", "#5b6770", "#b04060"];

/** The faults that the chart shows, if the run has them. */
export const chartFaults = ["rollout", "scale up", "forced pod deletion"] as const;

/**
 * Draws what clients and gateways saw in some faults: reconnects in each second, connections of each pod, and the
 * number of missed messages.
 */
export function chaosChart(result: ChaosResult): string {
  const outcomes = chartFaults.flatMap((name) => result.outcomes.find(({ fault }) => fault === name) ?? []);
  const body: string[] = [];
  let y = 76;
  for (const outcome of outcomes) {
    body.push(...section(result, outcome, y));
    y += 2 * (PANEL_HEIGHT + PANEL_GAP) + 30;
  }
  const about = `${result.clients} stock clients through the ingress, ${result.messagesPerSecond} messages per second`;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${y}" font-family="sans-serif" font-size="11" fill="#222">`,
    `<rect width="${WIDTH}" height="${y}" fill="#fff"/>`,
    `<text x="10" y="20" font-size="15" font-weight="bold">Moves as clients and gateways see them</text>`,
    text(10, 38, `${about}; the grey area is the time from the fault until all clients are in their rooms`),
    ...body,
    "</svg>",
    "",
  ].join("\n");
}

function section({ samples }: ChaosResult, outcome: Outcome, top: number): string[] {
  const { fault, beganMs, endedMs, moved, unrecovered, lost, doubled, replayed } = outcome;
  const fromMs = beganMs - BEFORE_SECONDS * 1_000;
  const toMs = endedMs + BEFORE_SECONDS * 1_000;
  const shown = samples.filter(({ atMs }) => atMs >= fromMs && atMs <= toMs);
  const x = (atMs: number): number => LEFT + ((atMs - fromMs) / (toMs - fromMs)) * (WIDTH - LEFT - 20);
  const figures = `${moved} disconnects, ${replayed} messages sent again, ${lost} missed, ${doubled} doubled, ${unrecovered} not recovered`;
  const second = top + PANEL_HEIGHT + PANEL_GAP;
  const shade = (y: number): string =>
    `<rect x="${x(beganMs).toFixed(1)}" y="${y}" width="${(x(endedMs) - x(beganMs)).toFixed(1)}" height="${PANEL_HEIGHT}" fill="#eef1f4"/>`;
  return [
    `<text x="10" y="${top - 8}" font-size="13" font-weight="bold">${fault}</text>`,
    text(180, top - 8, figures),
    shade(top),
    ...reconnectBars(shown, x, top),
    shade(second),
    ...connectionLines(shown, x, second),
    ...ticks(beganMs, toMs, x, second),
  ];
}

/** Labels the time since the fault, in seconds. */
function ticks(beganMs: number, toMs: number, x: (atMs: number) => number, top: number): string[] {
  const seconds = (toMs - beganMs) / 1_000;
  const step = seconds > 30 ? 10 : 5;
  const y = top + PANEL_HEIGHT + 14;
  return Array.from({ length: Math.floor(seconds / step) + 1 }, (_, index) => {
    const label = index === 0 ? "0 s" : String(index * step);
    return text(x(beganMs + index * step * 1_000), y, label, "middle");
  });
}

function reconnectBars(shown: readonly Sample[], x: (atMs: number) => number, top: number): string[] {
  const most = Math.max(1, ...shown.map(({ reconnects }) => reconnects));
  return [
    ...axis(["reconnects", "per second"], most, top),
    ...shown.map(({ atMs, reconnects }) => {
      const height = (reconnects / most) * PANEL_HEIGHT;
      return `<rect x="${x(atMs).toFixed(1)}" y="${(top + PANEL_HEIGHT - height).toFixed(1)}" width="5" height="${height.toFixed(1)}" fill="#d0743c"/>`;
    }),
  ];
}

function connectionLines(shown: readonly Sample[], x: (atMs: number) => number, top: number): string[] {
  const pods = [...new Set(shown.flatMap(({ connections }) => Object.keys(connections)))].sort();
  const most = Math.max(1, ...shown.flatMap(({ connections }) => Object.values(connections)));
  const lines = pods.map((pod, index) => {
    const points = shown.flatMap(({ atMs, connections }) => {
      const count = connections[pod];
      const y = top + PANEL_HEIGHT - ((count ?? 0) / most) * PANEL_HEIGHT;
      return count === undefined ? [] : [`${x(atMs).toFixed(1)},${y.toFixed(1)}`];
    });
    return `<polyline points="${points.join(" ")}" fill="none" stroke="${COLOURS[index % COLOURS.length] ?? "#555"}" stroke-width="2"/>`;
  });
  return [...axis(["connections"], most, top), ...lines];
}

function axis(title: readonly string[], most: number, top: number): string[] {
  return [
    text(LEFT - 6, top + 10, String(most), "end"),
    text(LEFT - 6, top + PANEL_HEIGHT, "0", "end"),
    ...title.map((line, index) => text(LEFT - 6, top + PANEL_HEIGHT / 2 + 4 + index * 12, line, "end")),
    `<line x1="${LEFT}" y1="${top + PANEL_HEIGHT}" x2="${WIDTH - 20}" y2="${top + PANEL_HEIGHT}" stroke="#9aa5b1"/>`,
  ];
}

function text(x: number, y: number, content: string, anchor: "start" | "middle" | "end" = "start"): string {
  return `<text x="${x.toFixed(1)}" y="${y.toFixed(1)}" text-anchor="${anchor}">${content}</text>`;
}
