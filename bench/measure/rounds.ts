import { rotated } from "./rotated.ts";
import { median } from "./result.ts";

/** Rounds at the start that do not count. V8 optimises a handler only after some thousand calls. */
export const WARM_UP_ROUNDS = 5;

/**
 * Measures several servers in turn, in many short rounds, and returns each server's median. Each round starts with
 * another server. So a disturbance of the machine for a second or two affects all servers alike.
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
