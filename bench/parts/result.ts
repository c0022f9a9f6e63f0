/** One line of a table: a piece of work, and the figure of each peer. */
export interface Row {
  work: string;
  /** The most broadcasts or events in flight. Factors can only be compared at the same number. */
  inFlight: string;
  figures: Record<string, number>;
  /** Second figures, of the same peers, where the part has them. */
  notes?: Record<string, string>;
}

export interface PartResult {
  title: string;
  /** What the figures count, with the unit. */
  unit: string;
  /** more: larger figures are better; less: smaller ones. */
  better: "more" | "less";
  rows: Row[];
  /** What qualifies the figures, such as the load generator's headroom. */
  footnote?: string;
}

/** Keeps the middle one of several runs. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[sorted.length >> 1]!;
}

/** The value below which this share of a sorted list lies. */
export function quantile(sorted: readonly number[], share: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))]!;
}
