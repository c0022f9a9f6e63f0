import type { Bounds } from "./protocol/limits.ts";

/**
 * A parsed value, or a problem. The problem is a sentence without subject: the variable's name is put in front of it.
 */
export type Parsed<T> = { value: T } | { problem: string };
export type Parse<T> = (text: string) => Parsed<T>;

/** An environment variable: its unit, its default, what it does (`consequence`), and how to parse it. */
export interface EnvironmentVariable {
  unit: string;
  default: string;
  consequence: string;
  /** Variables that depend on each other are only read as text by this function; config.ts parses them together. */
  parse: Parse<unknown>;
  /** True if an empty text is a mistake. For all other variables, an empty text means "not set". */
  refusesEmpty?: true;
}

export const anyText: Parse<string> = (text) => ({ value: text });

/** Parses any text. An empty text means "not set". */
export const optionalText: Parse<string | undefined> = (text) => ({ value: text === "" ? undefined : text });

export function wholeNumber([least, most]: Bounds): Parse<number> {
  return (text) => {
    const value = Number(text);
    return /^\d+$/.test(text) && value >= least && value <= most
      ? { value }
      : { problem: `must be a whole number from ${least} to ${most}, not "${shown(text)}"` };
  };
}

/** Accepts one of these words, in upper or lower case. */
export function oneOf<const T extends string>(choices: readonly T[]): Parse<T> {
  return (text) => {
    const value = choices.find((choice) => choice === text.toLowerCase());
    return value === undefined ? { problem: `must be one of ${choices.join(", ")}, not "${shown(text)}"` } : { value };
  };
}

const trueOrFalse = oneOf(["true", "false"]);
export const yesOrNo: Parse<boolean> = (text) => {
  const answer = trueOrFalse(text);
  return "problem" in answer ? answer : { value: answer.value === "true" };
};

/**
 * Parses entries that are separated by commas or spaces, and drops duplicates. `wanted` describes the entries in the
 * problem. `least` is the minimum number of entries.
 */
export function listOf<T extends string>(
  isEntry: (entry: string) => entry is T,
  wanted: string,
  least = 0,
): Parse<readonly T[]> {
  return (text) => {
    const entries = text.split(/[\s,]+/).filter(Boolean);
    const wrong = entries.find((entry) => !isEntry(entry));
    if (entries.length < least) return { problem: `must contain ${wanted}` };
    return wrong === undefined
      ? { value: [...new Set(entries as T[])] }
      : { problem: `must contain ${wanted}, not "${shown(wrong)}"` };
  };
}

const MOST_HEADERS = 16;

/** Parses names of HTTP headers. The result is in lower case. */
export const headerNames: Parse<readonly string[]> = (text) => {
  const isName = (entry: string): entry is string => /^[\w-]{1,64}$/.test(entry);
  const names = listOf(isName, `names of headers, such as origin, user-agent`)(text.toLowerCase());
  return "value" in names && names.value.length > MOST_HEADERS
    ? { problem: `must contain at most ${MOST_HEADERS} names` }
    : names;
};

export function textLike(pattern: RegExp, wanted: string): Parse<string> {
  return (text) => (pattern.test(text) ? { value: text } : { problem: wanted });
}

/** Parses a secret. An empty text means "not set". The problem does not contain the secret. */
export function secretOf(leastBytes: number): Parse<string | undefined> {
  return (text) =>
    text !== "" && Buffer.byteLength(text) < leastBytes
      ? { problem: `must have at least ${leastBytes} bytes: generate one with openssl rand -hex 32` }
      : optionalText(text);
}

/** Makes a parser from `read`, which returns undefined for text that it cannot parse. */
export function readBy<T>(read: (text: string) => T | undefined, wanted: string): Parse<T> {
  return (text) => {
    const value = read(text);
    return value === undefined ? { problem: `must be ${wanted}, not "${shown(text)}"` } : { value };
  };
}

function shown(text: string): string {
  return text.slice(0, 64);
}
