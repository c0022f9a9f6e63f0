import { areAllTokensRefused } from "../facts/issuer-reports.ts";
import { blockingReasonOf, rolloutOf } from "../facts/rollout.ts";
import { no, yes, type ConditionFunction } from "../findings.ts";

/** Whether clients can connect. */
export const available: ConditionFunction = ({ facts }) => {
  const rollout = rolloutOf(facts);
  if (rollout === undefined) return no("NotFound", "the Deployment of the gateways does not exist yet");
  const { autoscaling, replicas } = facts.cluster.spec;
  const who =
    autoscaling === undefined && replicas === 0
      ? "spec.replicas is 0"
      : "another program or user has scaled the Deployment to 0";
  if (rollout.wanted === 0) return no("ScaledToZero", `${who}: no gateway runs, so no client can connect`);
  if (rollout.ready > 0 && areAllTokensRefused(facts))
    return no("NoIssuerKeys", "no gateway has keys of any issuer, so every token is refused: IssuersReady shows why");
  return rollout.ready > 0
    ? yes("GatewayReady", `${rollout.ready} of ${rollout.wanted} gateways accept connections`)
    : no("NoGatewayReady", `none of ${rollout.wanted} gateways accepts connections${blockingReasonOf(facts)}`);
};
