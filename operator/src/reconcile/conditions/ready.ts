import { exposureReady } from "./exposure-ready.ts";
import { leavingText } from "../facts/drain-summary.ts";
import { issuersReady } from "./issuers-ready.ts";
import { redisReady } from "./redis-ready.ts";
import { blockingReasonOf, isComplete, redisRolloutLagOf, rolloutOf, type Rollout } from "../facts/rollout.ts";
import { no, unknown, yes, type ConditionFunction, type Verdict } from "../findings.ts";

/**
 * Whether all objects of the spec exist and all pods are ready. `kubectl wait` and GitOps tools read this condition.
 */
export const ready: ConditionFunction = (findings) => {
  const { facts, problem, error, held = 0 } = findings;
  if (problem !== undefined) return no(problem.reason, problem.message);
  if (error !== undefined) return no("ApplyFailed", error.message);
  const redis = redisReady(findings);
  if (redis.status !== "True") return no(`Redis${redis.reason}`, redis.message);
  const rollout = rolloutOf(facts);
  if (rollout === undefined) return no("GatewaysNotReady", "the Deployment of the gateways does not exist yet");
  if (!isComplete(rollout)) return no("GatewaysNotReady", `${missing(rollout)}${blockingReasonOf(facts)}`);
  const issuers = issuersReady(findings);
  if (issuers.reason === "KeysMissing") return no(`Issuers${issuers.reason}`, issuers.message);
  // Redis works now, but one of its pods is about to restart. Without this check, Ready would be True for a moment and
  // then False again.
  const redisRolloutLag = redisRolloutLagOf(facts);
  if (redisRolloutLag !== undefined) return no("RedisRollingOut", redisRolloutLag);
  const exposure = exposureReady(findings);
  // The status Unknown also means not ready: when no Gateway has processed the route, clients cannot connect.
  if (exposure.status !== "True") return no(`Exposure${exposure.reason}`, exposure.message);
  return held > 0 ? paused(held) : accepting(rollout.ready, leavingText(facts));
};

const paused = (held: number): Verdict =>
  unknown(
    "Paused",
    `spec.paused is true, and ${held === 1 ? "1 object differs" : `${held} objects differ`} from the spec`,
  );

const accepting = (ready: number, leaving: string): Verdict =>
  yes("Ready", `${ready === 1 ? "1 gateway accepts" : `${ready} gateways accept`} connections${leaving}`);

/** Says which pods a rollout still has to create, to make ready, or to remove. */
function missing({ isObserved, wanted, updated, ready, total }: Rollout): string {
  if (!isObserved) return "the Deployment's controller has not seen its newest spec yet";
  const old = total - updated;
  if (updated < wanted) return `${updated} of ${wanted} gateways have the newest pod template`;
  if (ready < wanted) return `${ready} of ${wanted} gateways are ready`;
  if (old > 0)
    return `${old} ${old === 1 ? "gateway" : "gateways"} with the old pod template ${old === 1 ? "is" : "are"} still running`;
  return `${total} gateways exist, but ${wanted} ${wanted === 1 ? "is" : "are"} wanted`;
}
