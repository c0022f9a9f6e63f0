/** Lines around a change, as diff -u has them. */
const context = 3;

interface Line {
  sign: " " | "-" | "+";
  text: string;
}

/** What turns one text into the other, as `diff -u` prints it; empty where they are equal. Cost: the product of the lines that differ. */
export function unifiedDiff(title: string, before: string, after: string): string {
  if (before === after) return "";
  const lines = changes(linesOf(before), linesOf(after));
  const hunks = hunksOf(lines);
  return `--- ${before === "" ? "/dev/null" : title}\n+++ ${after === "" ? "/dev/null" : title}\n${hunks.map(({ from, to }) => hunkText(lines, from, to)).join("")}`;
}

function linesOf(text: string): string[] {
  return text === "" ? [] : text.replace(/\n$/, "").split("\n");
}

/** A shortest list of kept, removed and added lines: the longest common subsequence, between the ends that are equal. */
function changes(before: readonly string[], after: readonly string[]): Line[] {
  let head = 0;
  while (head < before.length && head < after.length && before[head] === after[head]) head += 1;
  let tail = 0;
  while (
    tail < before.length - head &&
    tail < after.length - head &&
    before[before.length - 1 - tail] === after[after.length - 1 - tail]
  )
    tail += 1;
  const [old, fresh] = [before.slice(head, before.length - tail), after.slice(head, after.length - tail)];
  // common[i][j]: length of the longest common subsequence of old[i..] and fresh[j..].
  const common = Array.from({ length: old.length + 1 }, () => new Uint32Array(fresh.length + 1));
  const at = (i: number, j: number): number => common[i]?.[j] ?? 0;
  for (let i = old.length - 1; i >= 0; i--) {
    for (let j = fresh.length - 1; j >= 0; j--)
      (common[i] as Uint32Array)[j] = old[i] === fresh[j] ? at(i + 1, j + 1) + 1 : Math.max(at(i + 1, j), at(i, j + 1));
  }
  const middle: Line[] = [];
  for (let i = 0, j = 0; i < old.length || j < fresh.length;) {
    if (i < old.length && j < fresh.length && old[i] === fresh[j]) {
      middle.push({ sign: " ", text: old[i++] ?? "" });
      j += 1;
    } else if (i < old.length && (j === fresh.length || at(i + 1, j) >= at(i, j + 1)))
      middle.push({ sign: "-", text: old[i++] ?? "" });
    else middle.push({ sign: "+", text: fresh[j++] ?? "" });
  }
  const kept = (texts: readonly string[]): Line[] => texts.map((text) => ({ sign: " ", text }));
  return [...kept(before.slice(0, head)), ...middle, ...kept(tail === 0 ? [] : before.slice(-tail))];
}

function hunksOf(lines: readonly Line[]): { from: number; to: number }[] {
  const hunks: { from: number; to: number }[] = [];
  for (const [index, { sign }] of lines.entries()) {
    if (sign === " ") continue;
    const last = hunks.at(-1);
    if (last !== undefined && index - context <= last.to) last.to = Math.min(lines.length, index + context + 1);
    else hunks.push({ from: Math.max(0, index - context), to: Math.min(lines.length, index + context + 1) });
  }
  return hunks;
}

function hunkText(lines: readonly Line[], from: number, to: number): string {
  const count = (part: readonly Line[], without: "-" | "+"): number =>
    part.filter(({ sign }) => sign !== without).length;
  const [before, hunk] = [lines.slice(0, from), lines.slice(from, to)];
  const range = (without: "-" | "+"): string => {
    const length = count(hunk, without);
    return `${count(before, without) + (length === 0 ? 0 : 1)}${length === 1 ? "" : `,${length}`}`;
  };
  return `@@ -${range("+")} +${range("-")} @@\n${hunk.map(({ sign, text }) => `${sign}${text}\n`).join("")}`;
}
