/**
 * Maximum depth of a payload. No payload of the protocol is nested so deep, and recursion to this depth does no harm.
 */
export const MAX_DEPTH = 32;
/**
 * Maximum number of values in one payload. A message of one MiB can contain half a million values, and each needs more
 * memory than its text.
 */
export const MAX_VALUES = 20_000;

const FORBIDDEN_KEYS = new Set(["__proto__", "constructor", "prototype"]);

/**
 * What is wrong with the shape of a payload. Undefined if it is valid. Must be called before the schema is checked.
 * `bytes` must be "refused" if the payload is later encoded as JSON, because JSON cannot contain bytes.
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
      return bytes === "allowed" ? undefined : "the payload must not contain binary data: send it as base64";
    if (depth >= MAX_DEPTH) return `the payload is nested deeper than ${MAX_DEPTH} levels`;
    for (const key in part) {
      values += 1;
      if (values > MAX_VALUES) return `the payload contains more than ${MAX_VALUES} values`;
      if (FORBIDDEN_KEYS.has(key)) return `the payload must not have a field named ${key}`;
      const problem = look((part as Record<string, unknown>)[key], depth + 1);
      if (problem !== undefined) return problem;
    }
    return undefined;
  }
}

/** Maximum depth and number of values of a JSON text. */
export interface TextBounds {
  depth: number;
  values: number;
}

/**
 * Whether a JSON text has too many levels or too many values. Each element and each field counts as a value, at every
 * depth. The text is only scanned, because parsing a megabyte of numbers would create half a million values.
 */
export function boundExceeded(
  text: string,
  { depth: mostDepth, values: mostValues }: TextBounds,
): "depth" | "values" | undefined {
  let depth = 0;
  let values = 0;
  // True after an opening bracket. The next character shows whether the array or object is empty.
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

/** The index of the closing quote. If there is none, the length of the text. */
function endOfString(text: string, start: number): number {
  for (let index = start + 1; index < text.length; index += 1) {
    const code = text.charCodeAt(index);
    if (code === QUOTE) return index;
    if (code === BACKSLASH) index += 1;
  }
  return text.length;
}
