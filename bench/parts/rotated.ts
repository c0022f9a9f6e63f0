/** The list from another start each round: whoever is measured first finds warmer caches, and nobody shall always be. */
export function rotated<T>(list: readonly T[], round: number): T[] {
  const start = round % list.length;
  return [...list.slice(start), ...list.slice(0, start)];
}
