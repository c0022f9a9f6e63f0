// Reads the figures that `make bench BENCH=scaling` has saved. Only a generator and a test use this file.
import { readFileSync } from "node:fs";

const results = new URL("../../../../docs/performance/results.json", import.meta.url);

interface Results {
  machine: string;
  parts: Record<string, { rows: { work: string; figures: Record<string, number> }[]; measuredAt: string }>;
}

export const FLEETS = [2, 4, 8, 12] as const;
/** Messages per second with which every fleet was measured, and those with which only two gateways were measured. */
export const RATE = 60;
export const HIGHER_RATES = [250, 1_000, 2_500] as const;

export class Measured {
  readonly measuredAt: string;
  readonly #figures: Map<string, Record<string, number>>;

  constructor(part = "scaling") {
    const { rows, measuredAt } = (JSON.parse(readFileSync(results, "utf8")) as Results).parts[part]!;
    this.measuredAt = measuredAt;
    this.#figures = new Map(rows.map(({ work, figures }) => [work, figures]));
  }

  figure(work: string, column: string): number {
    const figure = this.#figures.get(work)?.[column];
    if (figure === undefined) throw new Error(`docs/performance/results.json has no figure for "${work}", ${column}`);
    return figure;
  }

  fleet(work: string, gateways: number): number {
    return this.figure(work, `${gateways} gateways`);
  }
}

/** The straight line with the smallest squared errors. */
export function line(points: readonly (readonly [x: number, y: number])[]): (x: number) => number {
  const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;
  const [meanX, meanY] = [mean(points.map(([x]) => x)), mean(points.map(([, y]) => y))];
  const slope = mean(points.map(([x, y]) => (x - meanX) * (y - meanY))) / mean(points.map(([x]) => (x - meanX) ** 2));
  return (x) => meanY + slope * (x - meanX);
}
