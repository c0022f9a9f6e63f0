/** Deeper than any payload of the protocol, far from what a stack or a walk minds. */
export const MAX_DEPTH = 32;
/** Values in one payload: a message of a mebibyte can hold half a million, each of which costs more than its text. */
export const MAX_VALUES = 20_000;

const FORBIDDEN_KEYS = new Set(["__proto__", "constructor", "prototype"]);

/** What is wrong with the shape of a payload before any schema looks at it, or undefined. */
export function shapeProblem(value: unknown): string | undefined {
  let values = 0;
  return look(value, 0);

  function look(part: unknown, depth: number): string | undefined {
    if (typeof part !== "object" || part === null || ArrayBuffer.isView(part)) return undefined;
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

/** What a text may hold before it is parsed. */
export interface TextBounds {
  depth: number;
  values: number;
}

/**
 * Whether JSON text nests deeper or holds more values than allowed, told without parsing it: strings are skipped,
 * escapes minded. A value is what `for … in` would visit, at every depth; a megabyte of numbers must cost its text and
 * not half a million values.
 */
export function boundExceeded(
  text: string,
  { depth: mostDepth, values: mostValues }: TextBounds,
): "depth" | "values" | undefined {
  let depth = 0;
  let values = 0;
  // A container that has been opened and holds nothing yet: its first value counts, and there may be none.
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

/** The index of the quote that ends a string, or the text's length when there is none. */
function endOfString(text: string, start: number): number {
  for (let index = start + 1; index < text.length; index += 1) {
    const code = text.charCodeAt(index);
    if (code === QUOTE) return index;
    if (code === BACKSLASH) index += 1;
  }
  return text.length;
}
