import { drainOf } from "../facts/summaries.ts";
import { no, yes, type ConditionFunction } from "../verdict.ts";

/** Whether gateways are moving their connections away. */
export const draining: ConditionFunction = ({ facts }) => {
  const drain = drainOf(facts);
  if (drain === undefined) return no("NotDraining", "no gateway is giving up its connections");
  return yes(
    "Draining",
    `${drain.pods} ${drain.pods === 1 ? "gateway moves its" : "gateways move their"} connections elsewhere`,
  );
};
