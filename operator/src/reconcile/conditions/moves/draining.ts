import { drainOf } from "../../facts/summaries.ts";
import { no, yes, type ConditionFunction } from "../../findings.ts";

/** Whether gateways are moving their connections away. */
export const draining: ConditionFunction = ({ facts }) => {
  const drain = drainOf(facts);
  if (drain === undefined) return no("NotDraining", "no gateway is draining");
  return yes(
    "Draining",
    `${drain.pods} ${drain.pods === 1 ? "gateway is moving its" : "gateways are moving their"} connections to other gateways`,
  );
};
