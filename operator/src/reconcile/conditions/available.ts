import { blockingReasonOf, rolloutOf } from "../facts/rollout.ts";
import { no, yes, type ConditionFunction } from "../verdict.ts";

/** Whether clients can connect. */
export const available: ConditionFunction = ({ facts }) => {
  const rollout = rolloutOf(facts);
  if (rollout === undefined) return no("NotFound", "there is no Deployment of gateways yet");
  const { autoscaling, replicas } = facts.cluster.spec;
  const who =
    autoscaling === undefined && replicas === 0 ? "spec.replicas is 0" : "somebody else has scaled the Deployment to 0";
  if (rollout.wanted === 0) return no("ScaledToZero", `${who}: there is no gateway`);
  return rollout.ready > 0
    ? yes("GatewayReady", `${rollout.ready} of ${rollout.wanted} gateways take connections`)
    : no("NoGatewayReady", `none of ${rollout.wanted} gateways takes connections${blockingReasonOf(facts)}`);
};
