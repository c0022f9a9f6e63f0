import { isRebalancing, rebalanceMode } from "../../facts/rebalancing.ts";
import { no, yes, type ConditionFunction } from "../../findings.ts";

/**
 * Whether a rebalance is running, which moves connections to new gateways until all gateways have about the same
 * number.
 */
export const rebalancing: ConditionFunction = ({ facts, rebalance = facts.cluster.status?.rebalance }) => {
  const { moved = 0, left = 0 } = rebalance ?? {};
  if (isRebalancing(rebalance))
    return yes("MovingConnections", `${moved} connections are moved, and ${left} are still to move`);
  const mode = rebalanceMode(facts.cluster);
  if (!mode.isOn) return no("Off", mode.why);
  return moved === 0
    ? no("NotNeeded", "no scale-up has needed a rebalance yet")
    : no("Even", `the last rebalance moved ${moved} connections`);
};
