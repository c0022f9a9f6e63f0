import { isConfigurationProblem } from "../checks.ts";
import { isTerminating, troubleOf } from "../pods.ts";
import { rolloutOf } from "./rollout.ts";
import { no, yes, type Judge } from "./verdict.ts";

/** Whether something is wrong that will not pass by waiting. */
export const degraded: Judge = ({ facts, problem, error }) => {
  if (problem !== undefined && !isConfigurationProblem(problem)) return yes(problem.reason, problem.message);
  if (error !== undefined) return yes("ApplyFailed", `${error.message}; it is tried again`);
  const troubles = facts.pods.filter((pod) => !isTerminating(pod)).flatMap((pod) => troubleOf(pod) ?? []);
  const [first] = troubles;
  if (first !== undefined) return yes("PodsFailing", troubles.length === 1 ? first : `${first}, and ${troubles.length - 1} more`);
  const trouble = rolloutOf(facts)?.trouble;
  return trouble === undefined ? no("AsExpected", "nothing is known to be wrong") : yes("RolloutStalled", trouble);
};
