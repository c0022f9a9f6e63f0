/** How many unchanged lines are shown around a change, as in `diff -u`. */
const CONTEXT = 3;

interface Line {
  sign: " " | "-" | "+";
  text: string;
}

/**
 * The difference as `diff -u` prints it. Empty when the texts are equal. The time grows with the number of differing
 * lines in one text times that in the other.
 */
export function unifiedDiff(title: string, before: string, after: string): string {
  if (before === after) return "";
  const lines = changes(linesOf(before), linesOf(after));
  const hunks = hunksOf(lines);
  const [from, to] = [before, after].map((text) => (text === "" ? "/dev/null" : title));
  return `--- ${from}\n+++ ${to}\n${hunks.map((hunk) => hunkText(lines, hunk)).join("")}`;
}

function linesOf(text: string): string[] {
  return text === "" ? [] : text.replace(/\n$/, "").split("\n");
}

/**
 * All lines, each marked as kept, removed or added. Equal lines at the beginning and at the end are kept first; the
 * shortest edit is computed only between them.
 */
function changes(before: readonly string[], after: readonly string[]): Line[] {
  const head = equalLines(before, after);
  const tail = equalLines(before.slice(head).reverse(), after.slice(head).reverse());
  const kept = (texts: readonly string[]): Line[] => texts.map((text) => ({ sign: " ", text }));
  return [
    ...kept(before.slice(0, head)),
    ...shortestEdit(before.slice(head, before.length - tail), after.slice(head, after.length - tail)),
    ...kept(before.slice(before.length - tail)),
  ];
}

/** How many lines at the beginning are equal in both texts. */
function equalLines(one: readonly string[], other: readonly string[]): number {
  const most = Math.min(one.length, other.length);
  let count = 0;
  while (count < most && one[count] === other[count]) count += 1;
  return count;
}

/**
 * Computes the shortest edit: it keeps a longest common subsequence of the lines. Where lines are both removed and
 * added, the removed ones come first.
 */
function shortestEdit(old: readonly string[], fresh: readonly string[]): Line[] {
  const common = commonLengths(old, fresh);
  const at = (i: number, j: number): number => common[i]?.[j] ?? 0;
  const lines: Line[] = [];
  let [i, j] = [0, 0];
  while (i < old.length || j < fresh.length) {
    const [oldLine, freshLine] = [old[i], fresh[j]];
    if (oldLine !== undefined && oldLine === freshLine) {
      lines.push({ sign: " ", text: oldLine });
      i += 1;
      j += 1;
    } else if (oldLine !== undefined && (freshLine === undefined || at(i + 1, j) >= at(i, j + 1))) {
      lines.push({ sign: "-", text: oldLine });
      i += 1;
    } else {
      lines.push({ sign: "+", text: freshLine ?? "" });
      j += 1;
    }
  }
  return lines;
}

/** common[i][j] is the length of the longest common subsequence of old[i..] and fresh[j..]. */
function commonLengths(old: readonly string[], fresh: readonly string[]): Uint32Array[] {
  const common = Array.from({ length: old.length + 1 }, () => new Uint32Array(fresh.length + 1));
  const at = (i: number, j: number): number => common[i]?.[j] ?? 0;
  for (let i = old.length - 1; i >= 0; i--) {
    const row = common[i] as Uint32Array;
    for (let j = fresh.length - 1; j >= 0; j--)
      row[j] = old[i] === fresh[j] ? at(i + 1, j + 1) + 1 : Math.max(at(i + 1, j), at(i, j + 1));
  }
  return common;
}

interface Hunk {
  from: number;
  /** The index after the last line of the range. */
  to: number;
}

function hunksOf(lines: readonly Line[]): Hunk[] {
  const hunks: Hunk[] = [];
  for (const [index, { sign }] of lines.entries()) {
    if (sign === " ") continue;
    const last = hunks.at(-1);
    if (last !== undefined && index - CONTEXT <= last.to) last.to = Math.min(lines.length, index + CONTEXT + 1);
    else hunks.push({ from: Math.max(0, index - CONTEXT), to: Math.min(lines.length, index + CONTEXT + 1) });
  }
  return hunks;
}

function hunkText(lines: readonly Line[], { from, to }: Hunk): string {
  const count = (part: readonly Line[], without: "-" | "+"): number =>
    part.filter(({ sign }) => sign !== without).length;
  const [before, hunk] = [lines.slice(0, from), lines.slice(from, to)];
  const range = (without: "-" | "+"): string => {
    const length = count(hunk, without);
    return `${count(before, without) + (length === 0 ? 0 : 1)}${length === 1 ? "" : `,${length}`}`;
  };
  return `@@ -${range("+")} +${range("-")} @@\n${hunk.map(({ sign, text }) => `${sign}${text}\n`).join("")}`;
}
