import { leavingText } from "../facts/drain-summary.ts";
import { isComplete, rolloutOf, type Rollout } from "../facts/rollout.ts";
import { no, yes, type ConditionFunction } from "../findings.ts";

function scaling({ isObserved, ready, wanted, total }: Rollout): string {
  if (!isObserved)
    return `the Deployment was changed, and ${wanted === 1 ? "1 gateway is" : `${wanted} gateways are`} wanted`;
  return total > wanted
    ? `${total} gateways exist, and ${wanted} ${wanted === 1 ? "is" : "are"} wanted`
    : `${ready} of ${wanted} gateways are ready`;
}

/**
 * Whether pods are still starting, being replaced or removed. It stays True until the last old gateway has moved its
 * connections, while Ready is True as soon as the new ones serve clients.
 */
export const progressing: ConditionFunction = ({ facts, problem }) => {
  const rollout = rolloutOf(facts);
  if (problem !== undefined) return no("Stopped", `the operator changes nothing: ${problem.message}`);
  if (rollout === undefined) return yes("Creating", "the operator is creating the objects of the cluster");
  if (isComplete(rollout)) {
    const upToDate = `${rollout.wanted} ${rollout.wanted === 1 ? "gateway is" : "gateways are"} up to date and ready`;
    const leaving = leavingText(facts);
    return leaving === "" ? no("Stable", upToDate) : yes("Draining", `${upToDate}${leaving}`);
  }
  if (rollout.trouble !== undefined) return no("Stalled", rollout.trouble);
  if (rollout.isObserved && rollout.updated < rollout.total)
    return yes("RollingOut", `${rollout.updated} of ${rollout.wanted} gateways have the newest pod template`);
  return yes("Scaling", scaling(rollout));
};
