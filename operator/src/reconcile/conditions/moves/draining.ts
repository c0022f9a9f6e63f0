import { drainOf } from "../../facts/drain-summary.ts";
import { no, yes, type ConditionFunction } from "../../findings.ts";

/** Whether a gateway is draining, which means that it moves its connections to other gateways. */
export const draining: ConditionFunction = ({ facts }) => {
  const drain = drainOf(facts);
  if (drain === undefined) return no("NotDraining", "no gateway is draining");
  return yes(
    "Draining",
    `${drain.pods} ${drain.pods === 1 ? "gateway is moving its" : "gateways are moving their"} connections to other gateways`,
  );
};
