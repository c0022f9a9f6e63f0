import { isComplete, rolloutOf } from "../facts/rollout.ts";
import { no, yes, type ConditionFunction } from "../verdict.ts";

/** Whether pods are still starting, being replaced or removed. */
export const progressing: ConditionFunction = ({ facts, problem }) => {
  const rollout = rolloutOf(facts);
  if (problem !== undefined) return no("Stopped", `nothing is changed: ${problem.message}`);
  if (rollout === undefined) return yes("Creating", "the objects of the cluster are being made");
  if (isComplete(rollout))
    return no("Stable", rollout.wanted === 1 ? "1 gateway runs as wanted" : `${rollout.wanted} gateways run as wanted`);
  if (rollout.trouble !== undefined) return no("Stalled", rollout.trouble);
  if (rollout.isObserved && rollout.updated < rollout.total)
    return yes("RollingOut", `${rollout.updated} of ${rollout.wanted} gateways are of the newest template`);
  return yes("Scaling", `${rollout.ready} of ${rollout.wanted} gateways are ready`);
};
