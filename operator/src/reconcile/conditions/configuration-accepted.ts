import { problemKind } from "../problems.ts";
import { no, unknown, yes, type ConditionFunction } from "../findings.ts";

/** Whether the operator can apply the spec. When False, the message names the field and the fix. */
export const configurationAccepted: ConditionFunction = ({ problem, facts }) => {
  if (problem !== undefined && problemKind(problem).condition === "ConfigurationAccepted")
    return no(problem.reason, problem.message);
  if ([...facts.secrets.values()].some(({ state }) => state === "unknown"))
    return unknown("ReadingSecrets", "the operator has not read the Secrets of the spec yet");
  return yes("Accepted", "the spec and the Secrets that it names are valid");
};
