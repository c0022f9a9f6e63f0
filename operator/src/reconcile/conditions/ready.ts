import { exposureReady } from "./exposure-ready.ts";
import { redisReady } from "./redis-ready.ts";
import { isComplete, rolloutOf } from "./rollout.ts";
import { no, yes, type Judge } from "./verdict.ts";

/** Whether all of the spec's objects stand and all pods run: what GitOps tools and kubectl wait wait for. */
export const ready: Judge = (findings) => {
  const { facts, problem, error } = findings;
  if (problem !== undefined) return no(problem.reason, problem.message);
  if (error !== undefined) return no("ApplyFailed", error.message);
  const redis = redisReady(findings);
  if (redis.status !== "True") return no(`Redis${redis.reason}`, redis.message);
  const rollout = rolloutOf(facts);
  if (rollout === undefined || !isComplete(rollout)) return no("GatewaysNotReady", `${rollout?.ready ?? 0} of ${rollout?.wanted ?? facts.cluster.spec.replicas} gateways are ready and of the newest template`);
  const exposure = exposureReady(findings);
  if (exposure.status === "False") return no(`Exposure${exposure.reason}`, exposure.message);
  return yes("Ready", `${rollout.ready} gateways take connections`);
};
