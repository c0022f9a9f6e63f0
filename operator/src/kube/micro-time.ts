/** A time as MicroTime fields want it: RFC 3339 with six digits of a second, else the API server refuses it. */
export function microTime(ms: number): string {
  return new Date(ms).toISOString().replace("Z", "000Z");
}
