// An offset says which messages a client has: the first `s` entries of the log in an era, and in addition all messages
// of some origins up to a number. As text: `era.s(.origin.number)*`, with numbers in base 36. See docs/adr/0012.

export interface Offset {
  /** Identifies the Redis process that has the log: the time at which the era began, in units of 16 ms. */
  readonly era: number;
  /** Number of log entries that the client has. */
  readonly s: number;
  /**
   * Origin → highest number of its messages that the client has, although not all of them are among the first `s` log
   * entries.
   */
  readonly over: ReadonlyMap<string, number>;
}

/** Maximum number of origins in an offset. A client with a longer offset is not recovered. */
export const MOST_OVERRIDES = 64;
const MOST_CHARACTERS = 2_048;
const ORIGIN = /^[a-z0-9]{4,12}$/;
const NUMBER = /^(?:0|[1-9a-z][0-9a-z]{0,9})$/;

/**
 * Appended to events instead of an offset while the gateway's offset would need too many origins. `parseOffset` rejects
 * it.
 */
export const NO_OFFSET = "-";

export function isOrigin(text: string): boolean {
  return ORIGIN.test(text);
}

export function formatOffset({ era, s, over }: Offset): string {
  if (over.size > MOST_OVERRIDES) return NO_OFFSET;
  let text = `${era.toString(36)}.${s.toString(36)}`;
  for (const [origin, number] of over) text += `.${origin}.${number.toString(36)}`;
  return text;
}

/** Parses an offset. Undefined if the text does not have the form of one. */
export function parseOffset(text: unknown): Offset | undefined {
  if (typeof text !== "string" || text.length > MOST_CHARACTERS) return undefined;
  const [eraText, sText, ...pairs] = text.split(".");
  const era = numberOf(eraText);
  const s = numberOf(sText);
  if (era === undefined || s === undefined) return undefined;
  if (pairs.length % 2 !== 0 || pairs.length / 2 > MOST_OVERRIDES) return undefined;
  const over = new Map<string, number>();
  for (let index = 0; index < pairs.length; index += 2) {
    const origin = pairs[index]!;
    const number = numberOf(pairs[index + 1]);
    if (!isOrigin(origin) || over.has(origin) || number === undefined || number === 0) return undefined;
    over.set(origin, number);
  }
  return { era, s, over };
}

/** A copy of the offset that also covers all messages of `origin` up to `number`. */
export function withOverride(offset: Offset, origin: string, number: number): Offset {
  if ((offset.over.get(origin) ?? 0) >= number) return offset;
  return { ...offset, over: new Map(offset.over).set(origin, number) };
}

function numberOf(text: string | undefined): number | undefined {
  if (text === undefined || !NUMBER.test(text)) return undefined;
  const number = Number.parseInt(text, 36);
  return Number.isSafeInteger(number) ? number : undefined;
}
