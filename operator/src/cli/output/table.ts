/** Prints columns as kubectl does: as wide as their widest cell, and separated by three spaces. */
export function table(rows: readonly (readonly string[])[], indent = ""): string {
  const widths: number[] = [];
  for (const row of rows)
    for (const [index, cell] of row.entries()) widths[index] = Math.max(widths[index] ?? 0, widthOf(cell));
  return rows
    .map(
      (row) =>
        `${indent}${row
          .map((cell, index) => cell + " ".repeat(Math.max(0, (widths[index] ?? 0) - widthOf(cell))))
          .join("   ")
          .trimEnd()}\n`,
    )
    .join("");
}

/** The width of a cell on a terminal, where escape sequences of colours take no space. */
function widthOf(cell: string): number {
  return cell.replace(/\u001b\[\d+m/g, "").length;
}

/** An age as text: "45s", "3m", "5h", "2d". */
export function ageText(since: string | undefined, nowMs: number): string {
  const seconds = Math.floor((nowMs - Date.parse(since ?? "")) / 1000);
  if (Number.isNaN(seconds)) return "unknown";
  for (const [unit, length] of [
    ["d", 86_400],
    ["h", 3_600],
    ["m", 60],
  ] as const)
    if (seconds >= 2 * length || (seconds >= length && unit === "d")) return `${Math.floor(seconds / length)}${unit}`;
  return `${Math.max(0, seconds)}s`;
}
