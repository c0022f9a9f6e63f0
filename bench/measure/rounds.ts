import { rotated } from "./rotated.ts";
import { median } from "../parts/result.ts";

/** Number of rounds that are not counted, because V8 optimises a handler only after some thousand calls. */
export const WARM_UP_ROUNDS = 5;

/**
 * Measures contenders in turn, and takes the median of many short rounds. Each round starts with another contender. So
 * a disturbance of a second or two affects all contenders alike.
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
