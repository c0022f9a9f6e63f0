/** One row of a table: one kind of work, and the figure of each server under test. */
export interface Row {
  work: string;
  /** How many broadcasts or events may be in flight at once. Only rows with the same number can be compared. */
  inFlight: string;
  figures: Record<string, number>;
  /** A second figure for each server, shown after the first. Only some parts have it. */
  notes?: Record<string, string>;
}

export interface PartResult {
  title: string;
  /** What the figures count, for example "deliveries per CPU-second". */
  unit: string;
  /** Whether a larger figure (more) or a smaller figure (less) is better. */
  better: "more" | "less";
  rows: Row[];
  /** A remark below the table, for example how busy the load generator was. */
  footnote?: string;
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[sorted.length >> 1]!;
}

/** The value below which this share (from 0 to 1) of the sorted values lies. */
export function quantile(sorted: readonly number[], share: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))]!;
}
