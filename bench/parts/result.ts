/** One row of a table: one kind of work, and the result of each peer. */
export interface Row {
  work: string;
  /** Maximum number of broadcasts or events in flight. Only results with the same number can be compared. */
  inFlight: string;
  figures: Record<string, number>;
  /** A second result of the same peers, for parts that have one. */
  notes?: Record<string, string>;
}

export interface PartResult {
  title: string;
  /** What the numbers count, with the unit. */
  unit: string;
  /** more: larger numbers are better. less: smaller numbers are better. */
  better: "more" | "less";
  rows: Row[];
  /** A remark on the numbers, such as the load generator's headroom. */
  footnote?: string;
}

/** The median of several runs. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[sorted.length >> 1]!;
}

/** The value below which this share of a sorted list lies. */
export function quantile(sorted: readonly number[], share: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))]!;
}
