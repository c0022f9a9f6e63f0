import { rotated } from "./rotated.ts";
import { median } from "./result.ts";

/** Rounds that are not counted: V8 has to see a handler some thousand times before it compiles it for good. */
const WARM_UP_ROUNDS = 5;

/**
 * Measures contenders in turn, in rounds that each begin with another. The median of many short rounds: what disturbs the machine
 * for a second or two disturbs all of them alike, and not the result.
 */
export async function medians<T>(
  contenders: readonly T[],
  rounds: number,
  kindOf: (contender: T) => string,
  measure: (contender: T) => Promise<number>,
): Promise<Record<string, number>> {
  const figures = new Map<string, number[]>(contenders.map((contender) => [kindOf(contender), []]));
  for (let round = -WARM_UP_ROUNDS; round < rounds; round += 1) {
    for (const contender of rotated(contenders, round + WARM_UP_ROUNDS)) {
      const figure = await measure(contender);
      if (round >= 0) figures.get(kindOf(contender))!.push(figure);
    }
  }
  return Object.fromEntries([...figures].map(([kind, values]) => [kind, median(values)]));
}
