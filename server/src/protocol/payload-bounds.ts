/** Deeper than any payload of the protocol, and harmless for recursion. */
export const MAX_DEPTH = 32;
/**
 * The most values in one payload. A message of one MiB can hold half a million, each larger in memory than its text.
 */
export const MAX_VALUES = 20_000;

const FORBIDDEN_KEYS = new Set(["__proto__", "constructor", "prototype"]);

/**
 * What is wrong with the shape of a payload, or undefined. Runs before any schema. `bytes` is "refused" where the
 * payload becomes JSON, which cannot hold bytes.
 */
export function shapeProblem(
  value: unknown,
  { bytes = "allowed" }: { bytes?: "allowed" | "refused" } = {},
): string | undefined {
  let values = 0;
  return look(value, 0);

  function look(part: unknown, depth: number): string | undefined {
    if (typeof part !== "object" || part === null) return undefined;
    if (ArrayBuffer.isView(part))
      return bytes === "allowed" ? undefined : "the payload must not hold bytes: send them as base64";
    if (depth >= MAX_DEPTH) return `the payload is nested deeper than ${MAX_DEPTH} levels`;
    for (const key in part) {
      values += 1;
      if (values > MAX_VALUES) return `the payload holds more than ${MAX_VALUES} values`;
      if (FORBIDDEN_KEYS.has(key)) return `the payload must not have a field named ${key}`;
      const problem = look((part as Record<string, unknown>)[key], depth + 1);
      if (problem !== undefined) return problem;
    }
    return undefined;
  }
}

/** Bounds for a text before it is parsed. */
export interface TextBounds {
  depth: number;
  values: number;
}

/**
 * Whether a JSON text exceeds the depth or the number of values. Counts values at every depth, as `for … in` would
 * visit them. It scans without parsing: a megabyte of numbers must not create half a million values.
 */
export function boundExceeded(
  text: string,
  { depth: mostDepth, values: mostValues }: TextBounds,
): "depth" | "values" | undefined {
  let depth = 0;
  let values = 0;
  // True after an opening bracket. The next character tells whether the container is empty or the first value begins.
  let isOpened = false;
  for (let index = 0; index < text.length; index += 1) {
    const code = text.charCodeAt(index);
    if (code <= SPACE) continue;
    if (isClosing(code)) {
      isOpened = false;
      depth -= 1;
      continue;
    }
    if (isOpened || code === COMMA) {
      isOpened = false;
      values += 1;
      if (values > mostValues) return "values";
    }
    if (code === QUOTE) index = endOfString(text, index);
    else if (isOpening(code)) {
      isOpened = true;
      depth += 1;
      if (depth > mostDepth) return "depth";
    }
  }
  return undefined;
}

const SPACE = 32;
const QUOTE = 34;
const COMMA = 44;
const BACKSLASH = 92;

function isOpening(code: number): boolean {
  return code === 91 || code === 123;
}

function isClosing(code: number): boolean {
  return code === 93 || code === 125;
}

/** The index of the closing quote, or the text's length if there is none. */
function endOfString(text: string, start: number): number {
  for (let index = start + 1; index < text.length; index += 1) {
    const code = text.charCodeAt(index);
    if (code === QUOTE) return index;
    if (code === BACKSLASH) index += 1;
  }
  return text.length;
}
