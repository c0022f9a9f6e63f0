/** Rounds to two significant digits: 12345 → 12000. */
export function twoDigits(count: number): number {
  return count < 100 ? count : Number(count.toPrecision(2));
}
