/** One line of a table: a piece of work, and what each peer made of it. */
export interface Row {
  work: string;
  /** Broadcasts (or events) in flight at most; a factor means nothing without it. */
  inFlight: string;
  figures: Record<string, number>;
  /** Second figures, of the same peers, where the part has them. */
  notes?: Record<string, string>;
}

export interface PartResult {
  title: string;
  /** What the figures count, with the unit. */
  unit: string;
  /** more: the bigger figure wins; less: the smaller. */
  better: "more" | "less";
  rows: Row[];
  /** What must be known to believe the figures: the load generator's headroom, for example. */
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
